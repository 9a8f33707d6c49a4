import type { EventStore, Projection, ReadModelBuilds } from '@kiroku/core';
import type { DatabaseUrls } from '../config/installation.ts';
import { type EnsureBuiltOptions, ensureBuilt, unbuilt } from './ensure-built.ts';

/** Where it tells what it does, such as a service's logger. */
interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface NewVersionsOptions extends Omit<EnsureBuiltOptions, 'signal' | 'onFault' | 'projections'> {
  readonly urls: DatabaseUrls;
  readonly builds: ReadModelBuilds;
  readonly eventStore: EventStore;
  readonly projections: readonly Projection[];
  /** Events in the log from which on a version is built by a job instead of followed from the beginning. */
  readonly threshold: number;
  readonly logger: Log;
}

/** Has the versions that this code declares and that nobody has built yet made by a job, while instances of older code serve theirs. */
export class NewVersions {
  readonly #options: NewVersionsOptions;
  readonly #stopping = new AbortController();
  #missing: readonly Projection[] = [];
  #building: Promise<void> | undefined;

  constructor(options: NewVersionsOptions) {
    this.#options = options;
  }

  /** Finds what is missing and begins to build it; does not wait for it. */
  async start(): Promise<void> {
    if (this.#building !== undefined) return;
    const { builds, eventStore: events, projections, threshold } = this.#options;
    this.#missing = await unbuilt({ builds, events }, { projections, threshold });
    if (this.#missing.length > 0) this.#building = this.#build();
  }

  /** Nobody but its job writes such a version yet. */
  isBuilding(projection: Projection): boolean {
    return this.#missing.includes(projection);
  }

  /** A rebuild that this process runs is left to the next. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#building;
  }

  async #build(): Promise<void> {
    const { urls, logger, ...options } = this.#options;
    const { signal } = this.#stopping;
    const projections = this.#missing.map(({ name, version }) => `${name}@${version}`);
    logger.info({ projections }, 'new versions are built');
    const onFault: EnsureBuiltOptions['onFault'] = (err, job) => logger.warn({ err, job: job?.id }, 'a new version is not built yet');
    try {
      await ensureBuilt(urls, { ...options, projections: this.#missing, signal, onFault });
      if (!signal.aborted) logger.info({ projections }, 'new versions are built and read');
    } catch (err) {
      logger.error({ err }, 'new versions cannot be built: this instance does not become ready');
    }
  }
}
