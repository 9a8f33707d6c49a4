import { setTimeout as sleep } from 'node:timers/promises';
import type { BackupRepository } from '@kiroku/backup';
import { createPool, handOverWal, type Pool, parseSegment, sampleWal, type WalSample } from '@kiroku/postgres';
import type { OnProgress } from '../up/progress.ts';
import { CoveredSamples } from './covered-samples.ts';
import { requireOwnArchive } from './require-own-archive.ts';
import { type WalCoverage, writeCoverage } from './wal-coverage.ts';

export interface WalKeeperOptions {
  /** Of the embedded server. */
  readonly directory: string;
  /** Of event_store, as superuser. */
  readonly url: string;
  readonly openRepository: () => Promise<BackupRepository>;
  readonly onProgress: OnProgress;
  /** Between two looks, milliseconds. Default 1,000. */
  readonly everyMs?: number;
}

/**
 * Brings the write-ahead log of the embedded server into the repository, piece by piece, as long as the server runs. PostgreSQL gives a piece up
 * only once it is durable there; while it cannot be kept, it stays in pg_wal, and people are told.
 */
export class WalKeeper {
  readonly #options: WalKeeperOptions;
  readonly #stopping = new AbortController();
  readonly #samples = new CoveredSamples();
  readonly #pool: Pool;
  #repository: BackupRepository | undefined;
  #segmentBytes: number | undefined;
  #running: Promise<void> | undefined;
  #told = '';

  constructor(options: WalKeeperOptions) {
    this.#options = options;
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
      const sample = await sampleWal(this.#pool).catch(() => undefined); // it is down, or stops: what it has ready is kept all the same
      const repository = this.#repository ?? (sample && (await this.#ownRepository(sample)));
      if (repository === undefined) return; // it was not up yet, so whose log that is cannot be told
      if (sample !== undefined) this.#samples.add(sample);
      const keep = (name: string, content: AsyncIterable<Uint8Array>) => repository.archiveWal(name, content);
      await this.#note(repository, await handOverWal({ directory: this.#options.directory, keep }));
      this.#tell('');
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#tell(`The write-ahead log is not kept, and collects beside the databases until it is; it is tried again. ${why}`);
    }
  }

  async #ownRepository({ systemIdentifier, segmentBytes }: WalSample): Promise<BackupRepository> {
    const repository = await this.#options.openRepository();
    await requireOwnArchive(repository, systemIdentifier);
    this.#segmentBytes = segmentBytes;
    this.#repository = repository;
    return repository;
  }

  async #note(repository: BackupRepository, kept: readonly string[]): Promise<void> {
    const bytes = this.#segmentBytes;
    if (bytes === undefined) return;
    const last = kept.flatMap((name) => parseSegment(name, bytes) ?? []).at(-1);
    const coverage: WalCoverage | undefined = last && this.#samples.keptThrough(last);
    if (coverage !== undefined) await writeCoverage(repository, coverage);
  }

  #tell(text: string): void {
    if (text === this.#told) return;
    this.#told = text;
    const { onProgress } = this.#options;
    onProgress({ kind: 'notice', text: text === '' ? 'The write-ahead log is kept again.' : text });
  }
}
