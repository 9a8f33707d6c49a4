import { setTimeout as sleep } from 'node:timers/promises';

/** Answers whether a dependency works; throws with the reason otherwise. */
export type HealthCheck = (signal: AbortSignal) => Promise<void> | void;

export interface DependencyHealth {
  readonly state: 'up' | 'down';
  readonly latencyMs: number;
  /** ISO 8601: since when it has been in this state. */
  readonly since: string;
  readonly reason?: string;
}

export interface HealthReport {
  readonly service: string;
  readonly instance: string;
  /** `starting` and `stopping` are not ready, whatever the dependencies say; `degraded`: an optional dependency is down. */
  readonly state: 'starting' | 'ready' | 'degraded' | 'unready' | 'stopping';
  readonly ready: boolean;
  readonly since: string;
  readonly reason?: string;
  readonly dependencies: { readonly [name: string]: DependencyHealth };
}

interface Dependency {
  readonly check: HealthCheck;
  readonly required: boolean;
  last: DependencyHealth | undefined;
}

/** What a process depends on, and whether it can serve. */
export class Health {
  readonly #service: string;
  readonly #instance: string;
  readonly #timeoutMs: number;
  readonly #dependencies = new Map<string, Dependency>();
  #phase: { readonly state: 'starting' | 'ready' | 'stopping'; readonly since: string; readonly reason?: string };
  #running: Promise<HealthReport> | undefined;

  constructor(options: {
    readonly service: string;
    readonly instance: string;
    /** Milliseconds a dependency has to answer. Default 2,000. */
    readonly checkTimeoutMs?: number;
  }) {
    const { service, instance, checkTimeoutMs = 2_000 } = options;
    this.#service = service;
    this.#instance = instance;
    this.#timeoutMs = checkTimeoutMs;
    this.#phase = { state: 'starting', since: now() };
  }

  get phase(): 'starting' | 'ready' | 'stopping' {
    return this.#phase.state;
  }

  /** Adds a dependency. An optional one that is down makes the process degraded, not unready. */
  register(name: string, check: HealthCheck, options: { readonly required?: boolean } = {}): void {
    this.#dependencies.set(name, { check, required: options.required ?? true, last: undefined });
  }

  starting(reason: string): void {
    this.#phase = { state: 'starting', since: this.#phase.state === 'starting' ? this.#phase.since : now(), reason };
  }

  ready(): void {
    this.#phase = { state: 'ready', since: now() };
  }

  stopping(): void {
    this.#phase = { state: 'stopping', since: now() };
  }

  /** Asks every dependency, all at once; callers at the same time share one round. */
  report(): Promise<HealthReport> {
    this.#running ??= this.#ask().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #ask(): Promise<HealthReport> {
    await Promise.all([...this.#dependencies.values()].map((dependency) => checkOnce(dependency, this.#timeoutMs)));
    const down = [...this.#dependencies.values()].filter(({ last }) => last?.state === 'down');
    const { state: phase, since, reason } = this.#phase;
    const state = phase === 'ready' ? servingState(down) : phase;
    return {
      service: this.#service,
      instance: this.#instance,
      state,
      ready: state === 'ready' || state === 'degraded',
      since,
      ...(reason !== undefined && { reason }),
      dependencies: Object.fromEntries([...this.#dependencies].flatMap(([name, { last }]) => (last === undefined ? [] : [[name, last]]))),
    };
  }
}

function servingState(down: readonly Dependency[]): 'ready' | 'degraded' | 'unready' {
  if (down.some(({ required }) => required)) return 'unready';
  return down.length > 0 ? 'degraded' : 'ready';
}

async function checkOnce(dependency: Dependency, timeoutMs: number): Promise<void> {
  const started = performance.now();
  const reason = await failureOf(dependency.check, timeoutMs);
  const state = reason === undefined ? 'up' : 'down';
  dependency.last = {
    state,
    latencyMs: Math.round((performance.now() - started) * 10) / 10,
    since: dependency.last?.state === state ? dependency.last.since : now(),
    ...(reason !== undefined && { reason }),
  };
}

async function failureOf(check: HealthCheck, timeoutMs: number): Promise<string | undefined> {
  const done = new AbortController();
  const timeout = sleep(timeoutMs, undefined, { signal: done.signal, ref: false }).then(() => {
    throw new Error(`no answer within ${timeoutMs} ms`);
  });
  try {
    await Promise.race([timeout, Promise.resolve(done.signal).then(check)]);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    done.abort(); // ends the timer, and the check if it is still at it
    timeout.catch(() => undefined);
  }
}

function now(): string {
  return new Date().toISOString();
}
