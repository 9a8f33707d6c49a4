import { setTimeout as sleep } from 'node:timers/promises';
import type { BackupRepository } from '@kiroku/backup';
import {
  createPool,
  embeddedCluster,
  handOverWal,
  type Pool,
  parseSegment,
  sampleWal,
  systemIdentifierOf,
  type WalSample,
} from '@kiroku/postgres';
import { KeyKeeper } from '../backup-keys/key-keeper.ts';
import type { OnProgress } from '../up/progress.ts';
import { CoveredSamples } from './covered-samples.ts';
import { type LogLastRead, readLogLastRead, writeLogLastRead } from './log-last-read.ts';
import { requireOwnArchive } from './require-own-archive.ts';
import { readCoverage, type WalCoverage, writeCoverage } from './wal-coverage.ts';

export interface WalKeeperOptions {
  /** Of the embedded server. */
  readonly directory: string;
  /** Where the keys of personal data are. */
  readonly keyDirectory: string;
  /** Of event_store, as superuser. */
  readonly url: string;
  readonly openRepository: () => Promise<BackupRepository>;
  readonly onProgress: OnProgress;
  /** Between two looks, milliseconds. Default 1,000. */
  readonly everyMs?: number;
}

const logLost =
  'The event log cannot be read: its tables are gone. The write-ahead log is kept all the same, so nothing of before is lost: see `kiroku restore --list`.';

/**
 * Brings the write-ahead log of the embedded server into the repository, piece by piece, as long as the server runs. PostgreSQL gives a piece up
 * only once it is durable there; while it cannot be kept, it stays in pg_wal, and people are told. Keys of personal data are kept before the log that
 * needs them, if what is kept is encrypted: while they cannot be, the log is not kept either.
 */
export class WalKeeper {
  readonly #options: WalKeeperOptions;
  readonly #stopping = new AbortController();
  readonly #samples = new CoveredSamples();
  readonly #keys: KeyKeeper;
  readonly #pool: Pool;
  #repository: BackupRepository | undefined;
  #lastRead: LogLastRead | undefined;
  #segmentBytes: number | undefined;
  #running: Promise<void> | undefined;
  #told = '';

  constructor(options: WalKeeperOptions) {
    this.#options = options;
    this.#keys = new KeyKeeper(options.keyDirectory);
    this.#pool = createPool({ url: options.url, applicationName: 'kiroku-wal-keeper', max: 1, answerTimeoutMs: 5_000 });
  }

  start(): void {
    this.#running ??= this.#goOn();
  }

  /** Returns after a last look. The server should have stopped before: it hands over what is left when it does. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await this.#pool.end();
  }

  async #goOn(): Promise<void> {
    const { everyMs = 1_000 } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#look();
      await sleep(everyMs, undefined, { signal }).catch(() => undefined); // stopping: one look more
    }
    await this.#look();
  }

  async #look(): Promise<void> {
    try {
      this.#repository ??= await this.#ownRepository();
      const repository = this.#repository;
      const sample = await sampleWal(this.#pool).catch(() => undefined); // it is down, or stops: what it has ready is kept all the same
      if (sample !== undefined) await this.#take(repository, sample);
      const keep = (name: string, content: AsyncIterable<Uint8Array>) => repository.archiveWal(name, content);
      const before = async () => void (await this.#keys.keep(repository)); // no log without its keys
      await this.#note(repository, await handOverWal({ directory: this.#options.directory, before, keep }));
      await this.#keys.keepForgotten(repository);
      this.#tell(sample !== undefined && sample.position === undefined ? logLost : '');
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#tell(`The write-ahead log is not kept, and collects beside the databases until it is; it is tried again. ${why}`);
    }
  }

  /** Whose log that is, the server's files tell, whatever of its databases is lost. */
  async #ownRepository(): Promise<BackupRepository> {
    const repository = await this.#options.openRepository();
    await requireOwnArchive(repository, await systemIdentifierOf(await embeddedCluster(this.#options.directory)));
    return repository;
  }

  /** Remembers it. When the log was read last is noted as soon as it is lost: only up to there can be found what is where in it. */
  async #take(repository: BackupRepository, sample: WalSample): Promise<void> {
    const { readAt: at, systemIdentifier, segmentBytes } = sample;
    const last = this.#lastRead ?? (await lastCovered(repository, sample));
    if (at === undefined && last !== undefined) await writeLogLastRead(repository, last);
    this.#lastRead = at === undefined ? undefined : { systemIdentifier, at };
    this.#segmentBytes = segmentBytes;
    this.#samples.add(sample);
  }

  async #note(repository: BackupRepository, kept: readonly string[]): Promise<void> {
    const bytes = this.#segmentBytes;
    if (bytes === undefined) return; // it has not been up yet
    const last = kept.flatMap((name) => parseSegment(name, bytes) ?? []).at(-1);
    const coverage: WalCoverage | undefined = last && this.#samples.keptThrough(last);
    if (coverage !== undefined) await writeCoverage(repository, coverage);
  }

  #tell(text: string): void {
    if (text === this.#told) return;
    this.#told = text;
    const { onProgress } = this.#options;
    onProgress({ kind: 'notice', text: text === '' ? 'The write-ahead log is kept, and the event log can be read, again.' : text });
  }
}

/** When what is kept covered a log that could be read, if this cannot be. */
async function lastCovered(repository: BackupRepository, { position, systemIdentifier }: WalSample): Promise<LogLastRead | undefined> {
  if (position !== undefined) return undefined;
  const coverage = await readCoverage(repository);
  if (coverage?.position === undefined || coverage.systemIdentifier !== systemIdentifier) return undefined;
  const noted = await readLogLastRead(repository, coverage);
  return noted ?? { systemIdentifier, at: coverage.until };
}
