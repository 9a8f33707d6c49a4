import { rowsOf } from '@kiroku/postgres';
import { type Diagnosis, diagnose } from '../finding.ts';
import type { DoctorCheck } from '../patient.ts';
import { type Server, serversOf } from '../servers.ts';

const mostSeconds = 300;

interface Archiver {
  readonly on: boolean;
  readonly failing: boolean;
  readonly failed: number;
  readonly failedWal: string | null;
  readonly failedAt: string | null;
  readonly archivedWal: string | null;
  readonly presentWal: string | null;
  readonly seconds: number;
}

/** Whether what the servers write reaches their archive. */
export const archive: DoctorCheck = {
  name: 'archive',
  async find(patient) {
    return (await Promise.all((await serversOf(patient)).map((server) => judge(server)))).flat();
  },
};

async function judge({ name, pool }: Server): Promise<readonly Diagnosis[]> {
  const [archiver] = await rowsOf<Archiver>(pool, 'doctor/read_archiver');
  if (archiver?.on !== true) return [];
  const { failing, failed, failedWal, failedAt, archivedWal, seconds } = archiver;
  if (failing) {
    const what = `${failedWal} could not be archived at ${failedAt}; ${failed} tries have failed. The server's log says why; \`kiroku backup continuous status\` too.`;
    return [diagnose('ArchiveFailing', { where: name, what })];
  }
  if (!isBehind(archiver)) return [];
  const what = `Nothing was archived for ${Math.round(seconds)} s, since ${archivedWal ?? 'the server began'}, though more was written.`;
  return [diagnose('ArchiveBehind', { where: name, what })];
}

/** More than the segment in use is missing, for long. */
function isBehind({ archivedWal, presentWal, seconds }: Archiver): boolean {
  if (presentWal === null || seconds <= mostSeconds) return false;
  return archivedWal === null || numberOf(presentWal) - numberOf(archivedWal) > 1n;
}

/** Of the segment on its timeline, counted through; 256 to each log file, as with segments of 16 MiB. */
function numberOf(wal: string): bigint {
  return (BigInt(`0x${wal.slice(8, 16)}`) << 8n) + BigInt(`0x${wal.slice(16, 24)}`);
}
