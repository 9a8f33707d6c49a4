import { readdir, readFile } from 'node:fs/promises';

const ticksASecond = 100; // what Linux shows to programs, whatever the kernel counts in

/** CPU seconds so far of each process, with those it has started where `withChildren` says so. Linux only. */
export async function cpuSeconds(
  processIds: ReadonlyMap<string, number>,
  withChildren: ReadonlySet<string>,
): Promise<ReadonlyMap<string, number>> {
  const all = await processTable();
  const entries = [...processIds].map(([name, pid]) => {
    const own = all.filter((each) => each.pid === pid || (withChildren.has(name) && each.parent === pid));
    return [name, own.reduce((sum, { seconds }) => sum + seconds, 0)] as const;
  });
  return new Map(entries);
}

interface ProcessTime {
  readonly pid: number;
  readonly parent: number;
  readonly seconds: number;
}

async function processTable(): Promise<readonly ProcessTime[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)));
  return found.flatMap((line) => (line === undefined ? [] : [timeOf(line)]));
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: the name, in parentheses, may hold blanks. */
function timeOf(line: string): ProcessTime {
  const [, parent, ...rest] = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const [user, system, ofDeadChildren, systemOfDeadChildren] = rest.slice(9, 13).map(Number);
  const ticks = (user ?? 0) + (system ?? 0) + (ofDeadChildren ?? 0) + (systemOfDeadChildren ?? 0);
  return { pid: Number.parseInt(line, 10), parent: Number(parent), seconds: ticks / ticksASecond };
}
