import { KirokuError } from '@kiroku/core';
import type { EmbeddedPostgres } from '@kiroku/postgres';
import type { DatabaseUrls, Installation } from '../config/installation.ts';
import { maintainDatabases } from '../db-maintain/maintain-databases.ts';
import { ControlChannel } from './control-channel.ts';
import { prepareDataDirectory } from './data-directory.ts';
import { embeddedPostgres, prepareEmbedded, prepareGiven } from './databases.ts';
import { KeptMaintained } from './kept-maintained.ts';
import { KeptRunning } from './kept-running.ts';
import { endLeftOverServices } from './left-over-services.ts';
import { requireDistinctPorts, requireFreePorts } from './port-check.ts';
import type { OnProgress } from './progress.ts';
import { seedOnce } from './seed.ts';
import { SupervisedServices } from './supervised-services.ts';
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
  #maintained: KeptMaintained | undefined;
  #services: SupervisedServices | undefined;
  #control: ControlChannel | undefined;
  #published: Promise<void> = Promise.resolve();

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /**
   * Returns when every service is ready. If something does not start, everything is stopped and the fault thrown; `Stopping` if `stop`
   * was called meanwhile.
   */
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
    this.#services?.kill();
    this.#postgres?.kill();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #startAll(): Promise<void> {
    const { installation, onProgress } = this.#options;
    requireDistinctPorts(installation);
    await prepareDataDirectory(installation.dataDirectory);
    this.#unlock = await lockDataDirectory(installation.dataDirectory);
    await endLeftOverServices(installation);
    await requireFreePorts(installation);
    const databases = await this.#startDatabases();
    this.#goOn();
    await this.#startMaintenance();
    this.#goOn();
    onProgress({ kind: 'step', text: `Starting ${installation.config.services.map(({ name }) => name).join(', ')}` });
    await this.#startServices(databases);
    this.#goOn();
    await seedOnce(installation, { onProgress, signal: this.#stopping.signal });
    this.#goOn();
    await this.#takeRequests();
    this.#ready = true;
    await this.#publish();
  }

  async #startDatabases(): Promise<DatabaseUrls> {
    const { installation, onProgress } = this.#options;
    if (installation.databases !== undefined) return prepareGiven(installation.databases, installation, onProgress);
    onProgress({ kind: 'step', text: `Starting PostgreSQL on port ${installation.postgresPort}` });
    let startedAt = 0;
    const onExit = (reason: string) => void kept.ended(reason, performance.now() - startedAt);
    const postgres = await embeddedPostgres(installation, { onProgress, onExit });
    const start = async () => {
      await postgres.start();
      startedAt = performance.now();
      await this.#publish();
    };
    const kept = new KeptRunning({ name: 'PostgreSQL', start, onProgress, signal: this.#stopping.signal });
    this.#goOn();
    this.#postgres = postgres;
    await start();
    return prepareEmbedded(postgres, installation, onProgress);
  }

  async #startMaintenance(): Promise<void> {
    const { installation, onProgress } = this.#options;
    const { name, reason = 'kiroku up' } = installation.operator;
    const maintain = () => maintainDatabases({ ...installation, operator: { name, reason } });
    this.#maintained = new KeptMaintained({ maintain, onProgress });
    await this.#maintained.start();
  }

  async #startServices(databases: DatabaseUrls): Promise<void> {
    const { installation, onProgress, verbose = false, readyTimeoutMs = 60_000 } = this.#options;
    this.#services = new SupervisedServices({
      installation,
      databases,
      onProgress,
      verbose,
      readyTimeoutMs,
      onChange: () => void this.#publish(),
      signal: this.#stopping.signal,
    });
    await this.#services.start();
  }

  /** Without them everything runs, but `kiroku restart` does not. */
  async #takeRequests(): Promise<void> {
    const { installation, onProgress } = this.#options;
    const services = this.#services;
    if (services === undefined) return;
    try {
      this.#control = await ControlChannel.open(installation.dataDirectory, (request) => services.restart(request));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      onProgress({ kind: 'notice', text: `\`kiroku restart\` cannot reach this supervisor: ${why}` });
    }
  }

  async #stopAll(): Promise<void> {
    this.#stopping.abort();
    await this.#control?.[Symbol.asyncDispose]();
    if (this.#services === undefined) await this.#postgres?.stop(); // it may still be starting, or recovering for long
    await this.#services?.stop();
    await this.#starting?.catch(() => undefined); // `start` throws it
    await this.#services?.stop(); // they were just being started
    await this.#control?.[Symbol.asyncDispose](); // likewise
    await this.#maintained?.stop();
    await this.#postgres?.stop();
    if (this.#unlock === undefined) return;
    await this.#published;
    await removeSupervisorState(this.#options.installation.dataDirectory);
    await this.#unlock();
  }

  /** Tells `kiroku status`, one write after the other. */
  #publish(): Promise<void> {
    const state = () => ({
      pid: process.pid,
      startedAt: this.#startedAt,
      ready: this.#ready,
      ...(this.#control && { control: this.#control.path }),
      postgres: this.#postgres?.pid === undefined ? undefined : { pid: this.#postgres.pid, port: this.#postgres.port },
      services: this.#services?.states ?? [],
    });
    const write = () => writeSupervisorState(this.#options.installation.dataDirectory, state());
    this.#published = this.#published.then(write).catch(() => undefined); // a full disk must not stop what runs
    return this.#published;
  }

  #goOn(): void {
    if (this.#stopping.signal.aborted) throw stopping();
  }
}

function stopping(): KirokuError {
  return new KirokuError('Stopping', 'The start was interrupted; everything that had started was stopped.');
}
