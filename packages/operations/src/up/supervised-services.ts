import { KirokuError } from '@kiroku/core';
import type { ServiceConfig } from '../config/define-config.ts';
import { type DatabaseUrls, entryFile, type Installation, serviceUrls } from '../config/installation.ts';
import { putLogsAside } from '../log-files/put-logs-aside.ts';
import { readableLine } from '../log-files/readable-line.ts';
import { readLogs } from '../logs/read-logs.ts';
import { requireService } from '../restart/require-service.ts';
import type { Restarted, RestartRequest } from './control-channel.ts';
import { HungService } from './hung-service.ts';
import { KeptRunning } from './kept-running.ts';
import { LivenessWatch } from './liveness-watch.ts';
import { notReady } from './not-ready.ts';
import type { OnProgress } from './progress.ts';
import { showsLife, waitUntilReady } from './readiness.ts';
import { serviceEnvironment } from './service-environment.ts';
import { lastWords, serviceFailure } from './service-failure.ts';
import { ServiceProcess } from './service-process.ts';
import type { ServiceState } from './supervisor-state.ts';
import { tellOfSlow } from './tell-of-slow.ts';

const slowAfterMs = 10_000;

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
  readonly #stopped = new AbortController();
  /** Told if their new run ends. */
  readonly #restarting = new Map<Supervised, AbortController>();

  constructor(options: SupervisedServicesOptions) {
    this.#options = options;
    this.#urls = serviceUrls(options.installation);
    this.#services = options.installation.config.services.map((service) => this.#supervise(service));
  }

  /** Returns when all are ready. Throws `ServiceUnavailable` if one ends, or is not ready in time. */
  async start(): Promise<void> {
    const { readyTimeoutMs, signal } = this.#options;
    if (this.#options.verbose) void this.#follow().catch(() => undefined); // what is shown must not end what runs
    await Promise.all(this.#services.map(({ process }) => process.start()));
    this.#options.onChange();
    const giveUp = AbortSignal.any([signal, this.#failed.signal, after(readyTimeoutMs)]);
    const waits = new Map(this.#services.map(({ service: { name } }) => [name, waitUntilReady(this.#urls[name] ?? '', giveUp)] as const));
    const reasons = await tellOfSlow(waits, { afterMs: slowAfterMs, tell: (names) => this.#tellOfSlow(names) });
    if (signal.aborted) return;
    const late = this.#services.flatMap((service, index) => {
      const reason = reasons[index];
      return reason === undefined ? [] : [{ service, what: this.#notReady(service, reason) }];
    });
    const [failure] = [...this.#failures, ...late];
    if (failure !== undefined) throw await this.#faultOf(failure);
    this.#serving = true;
    this.#watchForHangs();
  }

  /** Ends one, starts it again, and returns when it is ready. Throws `ServiceUnavailable` if it is not in time: it is kept running all the same. */
  async restart({ service: name, recreate }: RestartRequest): Promise<Restarted> {
    requireService(
      name,
      this.#services.map(({ service }) => service.name),
    );
    const supervised = this.#services.find(({ service }) => service.name === name) as Supervised; // it was found just now
    if (!this.#serving) throw new KirokuError('ServiceUnavailable', 'The services are just being started. Ask again when they are ready.');
    const { process, kept } = supervised;
    const [startedAt, before] = [performance.now(), process.pid];
    const ended = new AbortController();
    this.#restarting.set(supervised, ended);
    try {
      kept.startedOtherwise();
      const { killed, logsPutAside } = await this.#replace(supervised, recreate);
      this.#options.onChange();
      await this.#untilReady(supervised, ended.signal);
      const seconds = Math.round(performance.now() - startedAt) / 1_000;
      const had = { ...(before !== undefined && { before }), ...(logsPutAside !== undefined && { logsPutAside }) };
      return { service: name, ...had, pid: process.pid ?? 0, killed, seconds };
    } finally {
      this.#restarting.delete(supervised);
    }
  }

  /** Returns when all have ended. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    for (const { process } of this.#services.toReversed()) await process.stop();
  }

  kill(): void {
    this.#stopped.abort();
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

  async #replace({ service, process }: Supervised, recreate: RestartRequest['recreate']) {
    if (recreate === undefined) return { ...(await process.restart({})), logsPutAside: undefined };
    const { installation, databases } = this.#options;
    const { entry, env } = recreate;
    let logsPutAside: string | undefined;
    const between = async () => {
      logsPutAside = await putLogsAside(installation.dataDirectory, service.name, new Date());
    };
    const changed = { entry, env: serviceEnvironment(installation, { ...service, env }, databases) };
    return { ...(await process.restart({ changed, between })), logsPutAside };
  }

  async #untilReady(supervised: Supervised, ended: AbortSignal): Promise<void> {
    const { readyTimeoutMs, signal } = this.#options;
    const giveUp = AbortSignal.any([signal, ended, after(readyTimeoutMs)]);
    const reason = await waitUntilReady(this.#urls[supervised.service.name] ?? '', giveUp);
    if (signal.aborted) throw new KirokuError('Stopping', 'Everything is being stopped.');
    if (ended.aborted) throw await this.#faultOf({ service: supervised, what: `ended while it started (${String(ended.reason)})` });
    if (reason === undefined) return;
    throw await this.#faultOf({ service: supervised, what: this.#notReady(supervised, reason) });
  }

  #watchForHangs(): void {
    const { installation } = this.#options;
    const { hangTimeoutMs: limitMs = 0 } = installation;
    if (limitMs === 0) return;
    for (const supervised of this.#services) {
      const { service, process } = supervised;
      const replaced = () => process.pid === undefined || this.#restarting.has(supervised);
      const hung = new HungService({ ...this.#options, process, limitMs });
      const ask = async (timeoutMs: number) => replaced() || (await showsLife(this.#urls[service.name] ?? '', timeoutMs)) || replaced();
      void new LivenessWatch({ ask, limitMs, onSilent: () => hung.end(), signal: this.#stopped.signal }).run();
    }
  }

  #tellOfSlow(names: readonly string[]): void {
    const { onProgress, readyTimeoutMs } = this.#options;
    const waited = names.map((name) => `${name} (${this.#urls[name]}/health/ready)`).join(', ');
    const text = `Not ready after ${slowAfterMs / 1_000} s: ${waited}. Waiting for up to ${readyTimeoutMs / 1_000} s.`;
    onProgress({ kind: 'notice', text });
  }

  #notReady({ service }: Supervised, reason: string): string {
    const { installation, readyTimeoutMs: afterMs } = this.#options;
    const port = installation.ports[service.name] ?? service.port;
    return notReady({ service, port, url: this.#urls[service.name] ?? '', reason, afterMs });
  }

  #supervise(service: ServiceConfig): Supervised {
    const { installation, databases, onProgress, onChange, signal, verbose } = this.#options;
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
    // with all lines shown, they are there already
    const lastWordsOf = async () =>
      verbose ? [] : lastWords({ dataDirectory: installation.dataDirectory, service: service.name, logFrom: process.logFrom });
    const kept = new KeptRunning({ name: service.name, start, onProgress, signal, lastWords: lastWordsOf });
    const supervised = { service, process, kept };
    return supervised;
  }

  #ended(service: Supervised, reason: string, ranForMs: number): void {
    this.#options.onChange();
    this.#restarting.get(service)?.abort(reason);
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

  async #follow(): Promise<void> {
    const { installation, onProgress, signal } = this.#options;
    const services = this.#services.map(({ service }) => service.name);
    const lines = readLogs({ dataDirectory: installation.dataDirectory, services, tail: 0, follow: true, signal });
    for await (const { service, text } of lines) onProgress({ kind: 'log', service, text: readableLine(text) });
  }
}

/** Fires after so many milliseconds. `AbortSignal.timeout` may not: what is made of it by `AbortSignal.any` does not keep it from being collected. */
function after(ms: number): AbortSignal {
  const over = new AbortController();
  setTimeout(() => over.abort(), ms).unref();
  return over.signal;
}
