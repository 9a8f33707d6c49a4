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

export interface DependencyOptions {
  /** An optional one that is down makes the process degraded, not unready. Default true. */
  readonly required?: boolean;
  /** Milliseconds it has to answer. Default: what the process gives each. */
  readonly timeoutMs?: number;
}

interface Answer {
  readonly reason: string | undefined;
  readonly latencyMs: number;
}

/** Something a process depends on. However often it is looked at, one check is under way at most: one that hangs is not asked again beside. */
export class Dependency {
  readonly required: boolean;
  readonly #check: HealthCheck;
  readonly #timeoutMs: number | undefined;
  #underWay: Promise<Answer> | undefined;
  #last: DependencyHealth | undefined;

  constructor(check: HealthCheck, { required = true, timeoutMs }: DependencyOptions = {}) {
    this.required = required;
    this.#check = check;
    this.#timeoutMs = timeoutMs;
  }

  /** What the last look found; `undefined` before the first. */
  get last(): DependencyHealth | undefined {
    return this.#last;
  }

  /** Asks it, and takes it for down if it has not answered in time: `defaultMs`, unless it has a time of its own. Never rejects. */
  async look(defaultMs: number): Promise<void> {
    const timeoutMs = this.#timeoutMs ?? defaultMs;
    const started = performance.now();
    const { reason, latencyMs } = await this.#answer(timeoutMs);
    const state = reason === undefined ? 'up' : 'down';
    this.#last = {
      state,
      latencyMs: Math.round((latencyMs ?? performance.now() - started) * 10) / 10,
      since: this.#last?.state === state ? this.#last.since : new Date().toISOString(),
      ...(reason !== undefined && { reason }),
    };
  }

  async #answer(timeoutMs: number): Promise<Answer | { readonly reason: string; readonly latencyMs?: undefined }> {
    const waited = new AbortController();
    const timeout = sleep(timeoutMs, { reason: `no answer within ${timeoutMs} ms` }, { signal: waited.signal, ref: false });
    this.#underWay ??= this.#ask(timeoutMs).finally(() => {
      this.#underWay = undefined;
    });
    try {
      return await Promise.race([timeout, this.#underWay]);
    } finally {
      waited.abort();
    }
  }

  async #ask(timeoutMs: number): Promise<Answer> {
    const started = performance.now();
    const reason = await failureOf(this.#check, AbortSignal.timeout(timeoutMs));
    return { reason, latencyMs: performance.now() - started };
  }
}

async function failureOf(check: HealthCheck, signal: AbortSignal): Promise<string | undefined> {
  try {
    await Promise.resolve(signal).then(check);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
