import { KirokuError } from '@kiroku/core';
import type { EmbeddedPostgres } from '@kiroku/postgres';
import type { ServiceConfig } from '../config/define-config.ts';
import { type DatabaseUrls, entryFile, type Installation, serviceUrls } from '../config/installation.ts';
import { followLog } from '../log-files/follow-log.ts';
import { logFile } from '../log-files/log-file.ts';
import { readableLine } from '../log-files/readable-line.ts';
import { prepareDataDirectory } from './data-directory.ts';
import { embeddedPostgres, prepareEmbedded, prepareGiven } from './databases.ts';
import { KeptRunning } from './kept-running.ts';
import { requireFreePorts } from './port-check.ts';
import type { OnProgress } from './progress.ts';
import { waitUntilReady } from './readiness.ts';
import { seedOnce } from './seed.ts';
import { serviceEnvironment } from './service-environment.ts';
import { serviceFailure } from './service-failure.ts';
import { ServiceProcess } from './service-process.ts';
import { lockDataDirectory } from './supervisor-lock.ts';
import { removeSupervisorState, writeSupervisorState } from './supervisor-state.ts';

export interface SupervisorOptions {
  readonly installation: Installation;
  readonly onProgress: OnProgress;
  /** Tell the lines of the services' logs too. Default false. */
  readonly verbose?: boolean;
  /** Until the services must be ready, milliseconds. Default 60,000. */
  readonly readyTimeoutMs?: number;
}

interface Supervised {
  readonly service: ServiceConfig;
  readonly process: ServiceProcess;
  readonly kept: KeptRunning;
}

/** Starts everything of an installation, keeps it running, and stops it in the reverse order. */
export class Supervisor implements AsyncDisposable {
  readonly #options: SupervisorOptions;
  readonly #startedAt = new Date().toISOString();
  readonly #stopping = new AbortController();
  #starting: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;
  #ready = false;
  #unlock: (() => Promise<void>) | undefined;
  #postgres: EmbeddedPostgres | undefined;
  #services: readonly Supervised[] = [];
  #published: Promise<void> = Promise.resolve();

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /** Returns when every service is ready. If something does not start, everything is stopped and the fault thrown; `Stopping` if `stop` was called. */
  async start(): Promise<void> {
    this.#starting = this.#startAll();
    try {
      await this.#starting;
    } catch (error) {
      const interrupted = this.#stopping.signal.aborted;
      await this.stop();
      throw interrupted ? stopping() : error;
    }
  }

  /** Returns when every process has ended. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stopAll();
    return this.#stopped;
  }

  /** Ends everything at once, without waiting. Nothing that was acknowledged is lost; the next start recovers. */
  kill(): void {
    this.#stopping.abort();
    for (const { process } of this.#services) process.kill();
    this.#postgres?.kill();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #startAll(): Promise<void> {
    const { installation, onProgress } = this.#options;
    await prepareDataDirectory(installation.dataDirectory);
    this.#unlock = await lockDataDirectory(installation.dataDirectory);
    await requireFreePorts(installation);
    const databases = await this.#startDatabases();
    this.#goOn();
    onProgress({ kind: 'step', text: `Starting ${installation.config.services.map(({ name }) => name).join(', ')}` });
    await this.#startServices(databases);
    this.#goOn();
    await seedOnce(installation, onProgress);
    this.#goOn();
    this.#ready = true;
    await this.#publish();
  }

  async #startDatabases(): Promise<DatabaseUrls> {
    const { installation, onProgress } = this.#options;
    if (installation.databases !== undefined) return prepareGiven(installation.databases, onProgress);
    const startedAt = { ms: Date.now() };
    const postgres = await embeddedPostgres(installation, {
      onProgress,
      onExit: (reason) => void kept.ended(reason, Date.now() - startedAt.ms),
    });
    const start = async () => {
      await postgres.start();
      startedAt.ms = Date.now();
      await this.#publish();
    };
    const kept = new KeptRunning({ name: 'PostgreSQL', start, onProgress, signal: this.#stopping.signal });
    this.#postgres = postgres;
    onProgress({ kind: 'step', text: `Starting PostgreSQL on port ${installation.postgresPort}` });
    await start();
    return prepareEmbedded(postgres, installation.dataDirectory, onProgress);
  }

  async #startServices(databases: DatabaseUrls): Promise<void> {
    const { installation, readyTimeoutMs = 60_000 } = this.#options;
    const failed = new AbortController();
    const failures: KirokuError[] = [];
    const fail = async (service: string, what: string) => {
      failures.push(await serviceFailure(installation.dataDirectory, service, what));
      failed.abort();
    };
    this.#services = installation.config.services.map((service) => this.#supervise(service, databases, fail));
    await Promise.all(this.#services.map(({ process }) => process.start()));
    const urls = serviceUrls(installation);
    const signal = AbortSignal.any([this.#stopping.signal, failed.signal, AbortSignal.timeout(readyTimeoutMs)]);
    const waiting = this.#services.map(async ({ service }) => ({
      service,
      reason: await waitUntilReady(urls[service.name] ?? '', signal),
    }));
    const late = (await Promise.all(waiting)).find(({ reason }) => reason !== undefined);
    this.#goOn();
    if (late !== undefined && failures.length === 0)
      await fail(late.service.name, `is not ready after ${readyTimeoutMs / 1000} s (${late.reason})`);
    const [first] = failures;
    if (first !== undefined) throw first;
  }

  #supervise(service: ServiceConfig, databases: DatabaseUrls, fail: (service: string, what: string) => Promise<void>): Supervised {
    const { installation, onProgress, verbose = false } = this.#options;
    const { dataDirectory, root, stopTimeoutMs } = installation;
    const process = new ServiceProcess({
      name: service.name,
      entry: entryFile(installation, service),
      cwd: root,
      env: serviceEnvironment(installation, service, databases),
      dataDirectory,
      stopTimeoutMs: stopTimeoutMs + 2_000,
      onExit: (reason, ranForMs) => {
        void this.#publish();
        void (this.#ready ? kept.ended(reason, ranForMs) : fail(service.name, `ended while it started (${reason})`));
      },
    });
    const start = async () => {
      await process.start();
      await this.#publish();
      await waitUntilReady(serviceUrls(installation)[service.name] ?? '', this.#stopping.signal);
    };
    const kept = new KeptRunning({ name: service.name, start, onProgress, signal: this.#stopping.signal });
    if (verbose) {
      const onLine = (line: string) => onProgress({ kind: 'log', service: service.name, text: readableLine(line) });
      void followLog(logFile(dataDirectory, service.name), onLine, this.#stopping.signal);
    }
    return { service, process, kept };
  }

  async #stopAll(): Promise<void> {
    this.#stopping.abort();
    if (this.#services.length === 0) await this.#postgres?.stop(); // it may still be starting, or recovering for long
    await this.#starting?.catch(() => undefined); // `start` throws it
    for (const { process } of this.#services.toReversed()) await process.stop();
    await this.#postgres?.stop();
    if (this.#unlock === undefined) return;
    await this.#published;
    await removeSupervisorState(this.#options.installation.dataDirectory);
    await this.#unlock();
  }

  /** Tells `kiroku status`, one write after the other. */
  #publish(): Promise<void> {
    const { dataDirectory, ports } = this.#options.installation;
    const write = () =>
      writeSupervisorState(dataDirectory, {
        pid: process.pid,
        startedAt: this.#startedAt,
        ready: this.#ready,
        postgres: this.#postgres?.pid === undefined ? undefined : { pid: this.#postgres.pid, port: this.#postgres.port },
        services: this.#services.map(({ service, process, kept }) => ({
          name: service.name,
          port: ports[service.name] ?? service.port,
          pid: process.pid,
          startedAt: process.startedAt?.toISOString(),
          restarts: kept.restarts,
        })),
      });
    this.#published = this.#published.then(() => write()).catch(() => undefined); // a full disk must not stop what runs
    return this.#published;
  }

  #goOn(): void {
    if (this.#stopping.signal.aborted) throw stopping();
  }
}

function stopping(): KirokuError {
  return new KirokuError('Stopping', 'The start was interrupted; everything that had started was stopped.');
}
