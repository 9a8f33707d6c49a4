import { readFile, statfs } from 'node:fs/promises';
import { cpus, freemem, hostname, totalmem } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { Metrics } from './metrics.ts';

export interface HostMetricsOptions {
  readonly dataDirectory: string;
  /** Default: the log goes elsewhere. */
  readonly logFile?: string | undefined;
}

/** The machine: processors, memory, and the disks that the data directory and the log are on, or will be. */
export function tellOfHost(metrics: Metrics, { dataDirectory, logFile }: HostMetricsOptions): void {
  const host = hostname();
  tellOfProcessors(metrics, host);
  metrics.atScrape(async (set) => {
    set('hostMemory', totalmem(), { host, figure: 'size' });
    set('hostMemory', await availableMemory(), { host, figure: 'available' });
  });
  tellOfDisk(metrics, { host, disk: 'data' }, dataDirectory);
  if (logFile !== undefined) tellOfDisk(metrics, { host, disk: 'logs' }, dirname(logFile));
}

function tellOfProcessors(metrics: Metrics, host: string): void {
  const processors = metrics.counter('hostCpu');
  metrics.atScrape(() => {
    let [idle, busy] = [0, 0];
    for (const { times } of cpus()) {
      idle += times.idle;
      busy += times.user + times.nice + times.sys + times.irq;
    }
    processors.reset(); // they are counted by the system
    processors.inc({ host, mode: 'idle' }, idle / 1_000);
    processors.inc({ host, mode: 'busy' }, busy / 1_000);
  });
}

function tellOfDisk(metrics: Metrics, labels: { readonly host: string; readonly disk: 'data' | 'logs' }, directory: string): void {
  metrics.atScrape(async (set) => {
    const { blocks, bavail, bfree, bsize } = await statfs(await existing(resolve(directory)));
    // as df counts: what is kept for the administrator is neither ours nor in use
    set('hostDisk', (blocks - bfree + bavail) * bsize, { ...labels, figure: 'size' });
    set('hostDisk', bavail * bsize, { ...labels, figure: 'available' });
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
