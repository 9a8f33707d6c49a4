import { statfs } from 'node:fs/promises';
import { type Diagnosis, diagnose } from '../finding.ts';
import type { DoctorCheck } from '../patient.ts';

const gib = 1024 ** 3;

/** Room on the disks of this machine that hold something of the installation. */
export const disks: DoctorCheck = {
  name: 'disks',
  onlyThere:
    'It looks at disks of the machine that it is run on. `kiroku alerts --remote` tells of the disks of services that are filling up; for those of the databases and backups, run `kiroku doctor --only disks` there.',
  async find({ directories = {} }) {
    const found = await Promise.all(Object.entries(directories).map(([holds, directory]) => judge(holds, directory)));
    return found.flat();
  },
};

async function judge(holds: string, directory: string): Promise<readonly Diagnosis[]> {
  const room = await statfs(directory).catch(() => undefined); // there is none yet
  if (room === undefined) return [];
  const free = room.bavail * room.bsize;
  const code = codeOf(free, room.blocks * room.bsize);
  if (code === undefined) return [];
  const what = `${(free / gib).toFixed(1)} GiB are free, ${Math.floor((room.bavail / room.blocks) * 100)} % of the disk. Make room, or move it to a larger one.`;
  return [diagnose(code, { where: `${holds} (${directory})`, what })];
}

function codeOf(free: number, size: number): 'DiskFull' | 'DiskFilling' | undefined {
  if (free < gib / 4 || free < size * 0.02) return 'DiskFull';
  return free < gib || free < size * 0.1 ? 'DiskFilling' : undefined;
}
