import { join } from 'node:path';
import { openRepository } from '@kiroku/backup';
import { type EmbeddedPostgres, exchangeClusters, serverPlace } from '@kiroku/postgres';
import { archivingOf } from '../backup-continuous/archiving-of.ts';
import { WalKeeper } from '../backup-continuous/wal-keeper.ts';
import { type DatabaseUrls, type Installation, urlsOnServer } from '../config/installation.ts';
import { keyDirectory } from '../config/key-directory.ts';
import type { ExchangeRequest } from './control-channel.ts';
import { embeddedPostgres, prepareEmbedded, prepareGiven } from './databases.ts';
import { KeptRunning } from './kept-running.ts';
import type { OnProgress } from './progress.ts';

export interface SupervisedDatabasesOptions {
  readonly installation: Installation;
  readonly onProgress: OnProgress;
  /** The embedded server has started or ended. */
  readonly onChange: () => Promise<void>;
  /** Nothing is started any more. */
  readonly signal: AbortSignal;
}

/** The databases of an installation: the embedded server kept running, and its write-ahead log kept; or somebody else's, brought up to date. */
export class SupervisedDatabases {
  readonly #options: SupervisedDatabasesOptions;
  #run = new AbortController();
  #postgres: EmbeddedPostgres | undefined;
  #keeper: WalKeeper | undefined;

  constructor(options: SupervisedDatabasesOptions) {
    this.#options = options;
  }

  /** Of the embedded server, if it runs. */
  get state(): { readonly pid: number; readonly port: number } | undefined {
    return this.#postgres?.pid === undefined ? undefined : { pid: this.#postgres.pid, port: this.#postgres.port };
  }

  /** Returns the URLs for the services, as the role that cannot alter events. */
  async start(): Promise<DatabaseUrls> {
    const { installation, onProgress } = this.#options;
    if (installation.databases !== undefined) return prepareGiven(installation.databases, installation, onProgress);
    onProgress({ kind: 'step', text: `Starting PostgreSQL on port ${installation.postgresPort}` });
    this.#run = new AbortController();
    const postgres = await this.#startPostgres();
    await this.#keepLog(postgres);
    return prepareEmbedded(postgres, installation, onProgress);
  }

  /** Returns when the embedded server has ended, and what it handed over is kept. */
  async stop(): Promise<void> {
    this.#run.abort();
    await this.#postgres?.stop();
    await this.#keeper?.stop();
    this.#keeper = undefined;
  }

  /** Ends at once; the next start recovers. */
  kill(): void {
    this.#run.abort();
    this.#postgres?.kill();
  }

  /** Begins or ends to keep the write-ahead log, as the installation says now. */
  async archive(): Promise<void> {
    if (this.#postgres === undefined) return;
    await this.#keepLog(this.#postgres);
    await this.#postgres.archive(await archivingOf(this.#options.installation));
  }

  /** While it is stopped: puts one cluster in the place of another. */
  async exchange({ incoming, aside }: Omit<ExchangeRequest, 'verb'>): Promise<void> {
    const { home } = await serverPlace(join(this.#options.installation.dataDirectory, 'postgres'));
    await exchangeClusters(home, { incoming, aside });
  }

  async #startPostgres(): Promise<EmbeddedPostgres> {
    const { installation, onProgress, onChange, signal } = this.#options;
    let startedAt = 0;
    const onExit = (reason: string) => void kept.ended(reason, performance.now() - startedAt);
    const postgres = await embeddedPostgres(installation, { onProgress, onExit });
    const start = async () => {
      await postgres.start();
      startedAt = performance.now();
      await onChange();
    };
    const kept = new KeptRunning({ name: 'PostgreSQL', start, onProgress, signal: AbortSignal.any([signal, this.#run.signal]) });
    if (signal.aborted) return postgres;
    this.#postgres = postgres;
    await start();
    return postgres;
  }

  async #keepLog(postgres: EmbeddedPostgres): Promise<void> {
    const { installation, onProgress } = this.#options;
    await this.#keeper?.stop();
    this.#keeper = undefined;
    if ((await archivingOf(installation)) === undefined) return;
    this.#keeper = new WalKeeper({
      directory: join(installation.dataDirectory, 'postgres'),
      keyDirectory: keyDirectory(installation),
      url: urlsOnServer(postgres.url).event_store,
      openRepository: () => openRepository(installation.backup.repository),
      onProgress,
    });
    this.#keeper.start();
  }
}
