import { readFile, statfs } from 'node:fs/promises';
import { cpus, freemem, totalmem } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { Metrics } from './metrics.ts';

/** The machine: processors, memory, and the disk that the data directory is on, or will be. */
export function tellOfHost(metrics: Metrics, { dataDirectory }: { readonly dataDirectory: string }): void {
  const processors = metrics.counter('hostCpu');
  metrics.atScrape(() => {
    let [idle, busy] = [0, 0];
    for (const { times } of cpus()) {
      idle += times.idle;
      busy += times.user + times.nice + times.sys + times.irq;
    }
    processors.reset(); // they are counted by the system
    processors.inc({ mode: 'idle' }, idle / 1_000);
    processors.inc({ mode: 'busy' }, busy / 1_000);
  });
  metrics.atScrape(async (set) => {
    set('hostMemory', totalmem(), { figure: 'size' });
    set('hostMemory', await availableMemory(), { figure: 'available' });
  });
  metrics.atScrape(async (set) => {
    const { blocks, bavail, bfree, bsize } = await statfs(await existing(resolve(dataDirectory)));
    // as df counts: what is kept for the administrator is neither ours nor in use
    set('hostDisk', (blocks - bfree + bavail) * bsize, { figure: 'size' });
    set('hostDisk', bavail * bsize, { figure: 'available' });
  });
}

async function availableMemory(): Promise<number> {
  const text = await readFile('/proc/meminfo', 'utf8').catch(() => '');
  const kibibytes = /^MemAvailable:\s+(\d+) kB/m.exec(text)?.[1];
  return kibibytes === undefined ? freemem() : Number(kibibytes) * 1_024;
}

/** The directory, or the nearest above it that is there. */
async function existing(directory: string): Promise<string> {
  const isThere = await statfs(directory).then(
    () => true,
    () => false,
  );
  return isThere || dirname(directory) === directory ? directory : existing(dirname(directory));
}
