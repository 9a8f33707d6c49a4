import { type JudgesKeyFiles, type KeyStore, KirokuError } from '@kiroku/core';
import type { DatabaseUrls, Installation } from '../config/installation.ts';
import { maintainDatabases } from '../db-maintain/maintain-databases.ts';
import { ControlChannel, type ExchangeRequest, type ResultOf, type SupervisorRequest } from './control-channel.ts';
import { prepareDataDirectory } from './data-directory.ts';
import { KeptMaintained } from './kept-maintained.ts';
import { KeptSchedule } from './kept-schedule.ts';
import { endLeftOverServices } from './left-over-services.ts';
import { requireDistinctPorts, requireFreePorts } from './port-check.ts';
import type { OnProgress } from './progress.ts';
import { scheduledBackups } from './scheduled-backups.ts';
import { seedOnce } from './seed.ts';
import { SupervisedDatabases } from './supervised-databases.ts';
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
  /** Opens a store of keys of personal data, which trying a backup needs. Default: none is tried by itself. */
  readonly keysIn?: (directory: string) => KeyStore & Partial<JudgesKeyFiles>;
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
  readonly #databases: SupervisedDatabases;
  #maintained: KeptMaintained | undefined;
  #backups: KeptSchedule | undefined;
  #services: SupervisedServices | undefined;
  #control: ControlChannel | undefined;
  #published: Promise<void> = Promise.resolve();
  #exchanging: Promise<unknown> | undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    const { installation, onProgress } = options;
    const onChange = () => this.#publish();
    this.#databases = new SupervisedDatabases({ installation, onProgress, onChange, signal: this.#stopping.signal });
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
    this.#databases.kill();
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
    await this.#startServing();
    await seedOnce(installation, { onProgress, signal: this.#stopping.signal });
    this.#goOn();
    await this.#takeRequests();
    this.#ready = true;
    await this.#publish();
  }

  async #startServing(): Promise<void> {
    const { installation, onProgress } = this.#options;
    this.#goOn();
    const databases = await this.#databases.start();
    this.#goOn();
    await this.#startMaintenance();
    this.#goOn();
    onProgress({ kind: 'step', text: `Starting ${installation.config.services.map(({ name }) => name).join(', ')}` });
    await this.#startServices(databases);
    this.#goOn();
    this.#backups = new KeptSchedule({ tasks: scheduledBackups(installation, this.#options.keysIn), onProgress });
    this.#backups.start();
  }

  async #stopServing(): Promise<void> {
    await this.#backups?.stop();
    await this.#services?.stop();
    await this.#maintained?.stop();
    await this.#databases.stop();
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
    try {
      this.#control = await ControlChannel.open(installation.dataDirectory, (request) => this.#do(request));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      onProgress({ kind: 'notice', text: `\`kiroku restart\` cannot reach this supervisor: ${why}` });
    }
  }

  async #do(request: SupervisorRequest): Promise<ResultOf<SupervisorRequest>> {
    if (this.#stopping.signal.aborted) throw new KirokuError('Stopping', 'This supervisor is stopping. `kiroku up` starts another.');
    if (this.#exchanging !== undefined || this.#services === undefined) {
      throw new KirokuError('ServiceUnavailable', 'Restored databases are just being switched to. Ask again when that is done.');
    }
    switch (request.verb) {
      case 'restart':
        return this.#services.restart(request);
      case 'archive':
        await this.#databases.archive();
        return {};
      case 'exchange clusters':
        this.#exchanging = this.#exchange(request).finally(() => {
          this.#exchanging = undefined;
        });
        await this.#exchanging;
        return {};
    }
  }

  /** If nothing starts over what comes in, that goes back to where it was, and all is started as before. */
  async #exchange({ incoming, aside }: ExchangeRequest): Promise<void> {
    const { onProgress } = this.#options;
    onProgress({ kind: 'step', text: 'Stopping everything, to switch to restored databases' });
    await this.#stopServing();
    await this.#databases.exchange({ incoming, aside });
    try {
      await this.#startServing();
      onProgress({ kind: 'step', text: `Everything runs on the restored databases. What was in use before is ${aside}.` });
    } catch (error) {
      onProgress({ kind: 'notice', text: `Nothing starts on the restored databases, so those of before are put back. ${String(error)}` });
      await this.#stopServing();
      await this.#databases.exchange({ incoming: aside, aside: incoming });
      await this.#startServing();
      throw error;
    }
  }

  async #stopAll(): Promise<void> {
    this.#stopping.abort();
    await this.#exchanging?.catch(() => undefined); // whoever asked for it is told how it ended, before the channel closes
    await this.#control?.[Symbol.asyncDispose]();
    if (this.#services === undefined) await this.#databases.stop(); // it may still be starting, or recovering for long
    await this.#services?.stop();
    await this.#starting?.catch(() => undefined); // `start` throws it
    await this.#services?.stop(); // they were just being started
    await this.#control?.[Symbol.asyncDispose](); // likewise
    await this.#backups?.stop();
    await this.#maintained?.stop();
    await this.#databases.stop();
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
      postgres: this.#databases.state,
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
