import { Dependency, type DependencyHealth, type DependencyOptions, type HealthCheck } from './dependency.ts';

export interface HealthReport {
  readonly service: string;
  readonly instance: string;
  /**
   * `starting`, `draining` and `stopping` are not ready, whatever the dependencies say; `degraded`: an optional dependency is down; `unready`: a
   * required one.
   */
  readonly state: 'starting' | 'ready' | 'degraded' | 'unready' | 'draining' | 'stopping';
  readonly ready: boolean;
  readonly since: string;
  readonly reason?: string;
  readonly dependencies: { readonly [name: string]: DependencyHealth };
}

/** `draining`: others are told to send nothing more, and what comes is answered still. `stopping`: requests are refused. */
type Phase = 'starting' | 'ready' | 'draining' | 'stopping';

export interface HealthOptions {
  readonly service: string;
  readonly instance: string;
  /** Milliseconds a dependency has to answer. Default 2,000. */
  readonly checkTimeoutMs?: number;
  /** Milliseconds for which what was found answers further requests, however many there are. Default 500. */
  readonly cacheMs?: number;
  /** Told when dependencies have made it unready or degraded, or let it be ready again. */
  readonly onChange?: (report: HealthReport) => void;
}

const lastingMs = 5_000;

interface Round {
  /** Those that the process cannot do without have been asked. */
  readonly required: Promise<void>;
  readonly all: Promise<void>;
}

/** What a process depends on, and whether it can serve. */
export class Health {
  readonly #options: Required<HealthOptions>;
  readonly #dependencies = new Map<string, Dependency>();
  #phase: { readonly state: Phase; readonly since: string; readonly reason?: string };
  #looking: Round | undefined;
  #told: HealthReport['state'] = 'ready';
  /** On the monotonic clock: a wall clock that jumps must neither keep an old answer nor ask without end. */
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor({ checkTimeoutMs = 2_000, cacheMs = 500, onChange = () => undefined, ...named }: HealthOptions) {
    this.#options = { ...named, checkTimeoutMs, cacheMs, onChange };
    this.#phase = { state: 'starting', since: now() };
  }

  get phase(): Phase {
    return this.#phase.state;
  }

  /** Adds a dependency. An optional one that is down makes the process degraded, not unready. */
  register(name: string, check: HealthCheck, options: DependencyOptions = {}): void {
    this.#dependencies.set(name, new Dependency(check, options));
  }

  starting(reason: string): void {
    this.#phase = { state: 'starting', since: this.#phase.state === 'starting' ? this.#phase.since : now(), reason };
  }

  ready(): void {
    this.#enter('ready');
  }

  draining(): void {
    this.#enter('draining');
  }

  stopping(): void {
    this.#enter('stopping');
  }

  /** Asks every dependency, all at once; callers at the same time, and shortly after, share one round. */
  async report(): Promise<HealthReport> {
    if (this.#isDue) await this.#look().all;
    return this.last;
  }

  /** As `report`, waiting for required dependencies alone: an optional one that hangs must not make this late for whoever spreads requests. */
  async readiness(): Promise<HealthReport> {
    if (this.#isDue) await this.#look().required;
    return this.last;
  }

  /** What the last look found, without another. */
  get last(): HealthReport {
    return this.#state();
  }

  #enter(state: Phase): void {
    this.#phase = { state, since: now() };
    this.#lookedAt = Number.NEGATIVE_INFINITY; // what was found while it started says nothing about the time after
  }

  get #isDue(): boolean {
    return performance.now() - this.#lookedAt >= this.#options.cacheMs;
  }

  #look(): Round {
    this.#looking ??= this.#ask();
    return this.#looking;
  }

  #ask(): Round {
    const asked = [...this.#dependencies.values()].map((each) => ({ each, answer: each.look(this.#options.checkTimeoutMs) }));
    const required = Promise.all(asked.filter(({ each }) => each.required).map(({ answer }) => answer)).then(() => undefined);
    const all = Promise.all(asked.map(({ answer }) => answer)).then(() => {
      this.#lookedAt = performance.now();
      this.#looking = undefined;
      this.#tell();
    });
    return { required, all };
  }

  #tell(): void {
    const report = this.last;
    if (this.#phase.state !== 'ready' || report.state === this.#told) return;
    if (report.state === 'degraded' && !Object.values(report.dependencies).some(hasLasted)) return;
    this.#told = report.state;
    this.#options.onChange(report);
  }

  #state(): HealthReport {
    const { service, instance } = this.#options;
    const { state: phase, since, reason } = this.#phase;
    const state = phase === 'ready' ? servingState([...this.#dependencies.values()]) : phase;
    return {
      service,
      instance,
      state,
      ready: state === 'ready' || state === 'degraded',
      since,
      ...(reason !== undefined && { reason }),
      dependencies: Object.fromEntries([...this.#dependencies].flatMap(([name, { last }]) => (last === undefined ? [] : [[name, last]]))),
    };
  }
}

function servingState(dependencies: readonly Dependency[]): 'ready' | 'degraded' | 'unready' {
  const down = dependencies.filter(({ last }) => last?.state === 'down');
  if (down.some(({ required }) => required)) return 'unready';
  return down.length > 0 ? 'degraded' : 'ready';
}

/** Just started, a process does not hold its work yet: that is over by itself, and nothing to wake somebody for. */
function hasLasted({ state, since }: DependencyHealth): boolean {
  return state === 'down' && Date.now() - Date.parse(since) >= lastingMs;
}

function now(): string {
  return new Date().toISOString();
}
