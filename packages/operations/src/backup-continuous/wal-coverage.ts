import type { BackupRepository } from '@kiroku/backup';

/** How far the write-ahead log is kept: everything that was committed before `until` is in the repository. */
export interface WalCoverage {
  readonly systemIdentifier: string;
  /** The last segment that is needed for it. */
  readonly segment: string;
  /** By the server's clock; ISO 8601. */
  readonly until: string;
  /** Of the event log; absent if that could not be read then. */
  readonly position?: number;
  /** Of the newest commit that is kept. */
  readonly recordedAt?: string;
}

const [kind, id] = ['continuous', 'coverage'];

/** As of the last time that the repository was told; `undefined` if it never was. */
export async function readCoverage(repository: BackupRepository): Promise<WalCoverage | undefined> {
  const report = (await repository.listReports(kind)).find((one) => one.id === id)?.report;
  return isCoverage(report) ? report : undefined;
}

export async function writeCoverage(repository: BackupRepository, coverage: WalCoverage): Promise<void> {
  await repository.writeReport(kind, id, coverage);
}

function isCoverage(report: unknown): report is WalCoverage {
  if (typeof report !== 'object' || report === null) return false;
  const { systemIdentifier, segment, until, position } = report as Partial<Record<keyof WalCoverage, unknown>>; // each is checked here
  return [systemIdentifier, segment, until].every((text) => typeof text === 'string') && ['number', 'undefined'].includes(typeof position);
}
