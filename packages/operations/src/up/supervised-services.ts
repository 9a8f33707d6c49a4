import type { KirokuError } from '@kiroku/core';
import type { ServiceConfig } from '../config/define-config.ts';
import { type DatabaseUrls, entryFile, type Installation, serviceUrls } from '../config/installation.ts';
import { followLog } from '../log-files/follow-log.ts';
import { logFile } from '../log-files/log-file.ts';
import { readableLine } from '../log-files/readable-line.ts';
import { KeptRunning } from './kept-running.ts';
import type { OnProgress } from './progress.ts';
import { waitUntilReady } from './readiness.ts';
import { serviceEnvironment } from './service-environment.ts';
import { serviceFailure } from './service-failure.ts';
import { ServiceProcess } from './service-process.ts';
import type { ServiceState } from './supervisor-state.ts';

export interface SupervisedServicesOptions {
  readonly installation: Installation;
  readonly databases: DatabaseUrls;
  readonly onProgress: OnProgress;
  readonly verbose: boolean;
  readonly readyTimeoutMs: number;
  /** A process has started or ended. */
  readonly onChange: () => void;
  /** Nothing is started any more. */
  readonly signal: AbortSignal;
}

interface Supervised {
  readonly service: ServiceConfig;
  readonly process: ServiceProcess;
  readonly kept: KeptRunning;
}

/** The services of an installation: started together, kept running, stopped in the reverse order. */
export class SupervisedServices {
  readonly #options: SupervisedServicesOptions;
  readonly #urls: { readonly [service: string]: string };
  readonly #services: readonly Supervised[];
  readonly #failed = new AbortController();
  #failures: readonly { readonly service: Supervised; readonly what: string }[] = [];
  #serving = false;

  constructor(options: SupervisedServicesOptions) {
    this.#options = options;
    this.#urls = serviceUrls(options.installation);
    this.#services = options.installation.config.services.map((service) => this.#supervise(service));
  }

  /** Returns when all are ready. Throws `ServiceUnavailable` if one ends, or is not ready in time. */
  async start(): Promise<void> {
    const { readyTimeoutMs, signal } = this.#options;
    if (this.#options.verbose) for (const { service } of this.#services) this.#follow(service.name);
    await Promise.all(this.#services.map(({ process }) => process.start()));
    this.#options.onChange();
    const giveUp = AbortSignal.any([signal, this.#failed.signal, AbortSignal.timeout(readyTimeoutMs)]);
    const reasons = await Promise.all(this.#services.map(({ service }) => waitUntilReady(this.#urls[service.name] ?? '', giveUp)));
    if (signal.aborted) return;
    const late = this.#services.flatMap((service, index) => {
      const reason = reasons[index];
      return reason === undefined ? [] : [{ service, what: `is not ready after ${readyTimeoutMs / 1_000} s: ${reason}` }];
    });
    const [failure] = [...this.#failures, ...late];
    if (failure !== undefined) throw await this.#faultOf(failure);
    this.#serving = true;
  }

  /** Returns when all have ended. */
  async stop(): Promise<void> {
    for (const { process } of this.#services.toReversed()) await process.stop();
  }

  kill(): void {
    for (const { process } of this.#services) process.kill();
  }

  get states(): readonly ServiceState[] {
    const { ports } = this.#options.installation;
    return this.#services.map(({ service, process, kept }) => ({
      name: service.name,
      port: ports[service.name] ?? service.port,
      pid: process.pid,
      startedAt: process.startedAt?.toISOString(),
      restarts: kept.restarts,
    }));
  }

  #supervise(service: ServiceConfig): Supervised {
    const { installation, databases, onProgress, onChange, signal } = this.#options;
    const process = new ServiceProcess({
      name: service.name,
      entry: entryFile(installation, service),
      cwd: installation.root,
      env: serviceEnvironment(installation, service, databases),
      dataDirectory: installation.dataDirectory,
      stopTimeoutMs: installation.stopTimeoutMs + 2_000, // it exits by itself at its own timeout, and says what hung
      onExit: (reason, ranForMs) => this.#ended(supervised, reason, ranForMs),
    });
    const start = async () => {
      await process.start();
      onChange();
      await waitUntilReady(this.#urls[service.name] ?? '', signal);
    };
    const supervised = { service, process, kept: new KeptRunning({ name: service.name, start, onProgress, signal }) };
    return supervised;
  }

  #ended(service: Supervised, reason: string, ranForMs: number): void {
    this.#options.onChange();
    if (this.#serving) {
      void service.kept.ended(reason, ranForMs); // it reports what it does, and never rejects
    } else {
      this.#failures = [...this.#failures, { service, what: `ended while it started (${reason})` }];
      this.#failed.abort();
    }
  }

  #faultOf({ service, what }: { readonly service: Supervised; readonly what: string }): Promise<KirokuError> {
    const { dataDirectory } = this.#options.installation;
    return serviceFailure({ dataDirectory, service: service.service.name, what, logFrom: service.process.logFrom });
  }

  #follow(service: string): void {
    const { installation, onProgress, signal } = this.#options;
    const onLine = (line: string) => onProgress({ kind: 'log', service, text: readableLine(line) });
    void followLog(logFile(installation.dataDirectory, service), onLine, signal);
  }
}
