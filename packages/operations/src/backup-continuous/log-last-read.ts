import type { BackupRepository } from '@kiroku/backup';
import type { WalCoverage } from './wal-coverage.ts';

/** The last moment at which an event log could be read, of which the tables were gone afterwards. */
export interface LogLastRead {
  readonly systemIdentifier: string;
  /** By the server's clock; ISO 8601. */
  readonly at: string;
}

const [kind, id] = ['continuous', 'log-last-read'];

/** Of the latest loss; `undefined` if the log of this server was never lost, or was seen in what is kept since. */
export async function readLogLastRead(repository: BackupRepository, coverage: WalCoverage | undefined): Promise<LogLastRead | undefined> {
  const report = (await repository.listReports(kind)).find((one) => one.id === id)?.report;
  if (!isLastRead(report)) return undefined;
  if (coverage === undefined) return report;
  const isSeenSince = coverage.position !== undefined && coverage.until > report.at;
  return isSeenSince || coverage.systemIdentifier !== report.systemIdentifier ? undefined : report;
}

export async function writeLogLastRead(repository: BackupRepository, { systemIdentifier, at }: LogLastRead): Promise<void> {
  await repository.writeReport(kind, id, { systemIdentifier, at });
}

function isLastRead(report: unknown): report is LogLastRead {
  if (typeof report !== 'object' || report === null) return false;
  const { systemIdentifier, at } = report as Partial<Record<keyof LogLastRead, unknown>>; // each is checked here
  return typeof systemIdentifier === 'string' && typeof at === 'string';
}
