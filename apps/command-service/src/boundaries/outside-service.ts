import { KirokuError } from '@kiroku/core';
import { correlationHeader, Deadline, type Tracing, tracedHttp } from '@kiroku/service';
import type { KeyedCall, Unknown } from '@kiroku/shop';
import {
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleType,
  type IPolicy,
  type IRetryContext,
  isBrokenCircuitError,
  retry,
} from 'cockatiel';
import { Agent, type Dispatcher } from 'undici';
import { NoAnswer, noAnswer } from './no-answer.ts';

export interface OutsideServiceOptions {
  /** For people: `payment service`. */
  readonly name: string;
  readonly url: string;
  /** So many calls are on their way at a time; others wait, and their time runs. Default 128. */
  readonly connections?: number;
  /** Milliseconds for one answer. Default 5,000. */
  readonly timeoutMs?: number;
  /** How often a call is made, at most. Default 3. */
  readonly attempts?: number;
  /** Milliseconds before the second attempt; later ones wait longer, and each some more or less at random. Default 100. */
  readonly firstWaitMs?: number;
  /** So many calls without an answer, one after the other, and no more are made for `restMs`. Default 10. */
  readonly breakAfter?: number;
  /** Milliseconds. Default 2,000. */
  readonly restMs?: number;
  readonly tracing?: Tracing | undefined;
}

interface Answer {
  readonly outcome: string;
}
type AskOptions = Omit<KeyedCall, 'idempotencyKey' | 'repeated'>;

const longestWaitMs = 2_000;
/** Bytes. One that is longer counts as none: it would be held in memory as a whole. */
const longestAnswer = 1_048_576;
/** Request Timeout, Too Early, Too Many Requests: nothing is wrong with the call, and it has had no effect. */
const notNow = new Set([408, 425, 429]);

/**
 * A service of somebody else that honours idempotency keys. A call that was not answered is asked for by its key before it is made again;
 * one that is still without an outcome at the end is `unknown`.
 */
export class OutsideService implements AsyncDisposable {
  readonly #options: OutsideServiceOptions;
  readonly #base: URL;
  readonly #agent: Agent;
  readonly #http: Dispatcher;
  readonly #calling: IPolicy;
  readonly #asking: IPolicy; // of its own: a service that answers questions may still fail at every call
  readonly #again: IPolicy<IRetryContext>;

  constructor(options: OutsideServiceOptions) {
    const { url, connections = 128, attempts = 3, firstWaitMs = 100, breakAfter = 10, restMs = 2_000, tracing } = options;
    this.#options = options;
    this.#base = new URL(url.endsWith('/') ? url : `${url}/`);
    this.#agent = new Agent({ connections, keepAliveTimeout: 30_000, connect: { timeout: 2_000 }, maxResponseSize: longestAnswer });
    this.#http = tracedHttp(this.#agent, tracing, { template: (path) => path.replace(/\/outcomes\/.*/, '/outcomes/{key}') });
    const unanswered = handleType(NoAnswer);
    const backoff = new ExponentialBackoff({ initialDelay: firstWaitMs, maxDelay: longestWaitMs });
    const breaker = () => circuitBreaker(unanswered, { halfOpenAfter: restMs, breaker: new ConsecutiveBreaker(breakAfter) });
    [this.#calling, this.#asking] = [breaker(), breaker()];
    this.#again = retry(unanswered, { maxAttempts: attempts - 1, backoff });
  }

  /** Makes a call. Throws `ServiceUnavailable` if it has not arrived, and what the service finds wrong with it. */
  async call<T extends Answer>(path: string, body: object, call: KeyedCall, lookUp: (key: string) => string): Promise<T | Unknown> {
    let mayHaveArrived = call.repeated === true;
    const settled = async (): Promise<T | undefined> => {
      const found = await this.#asking.execute(() => this.#request<T>(lookUp(call.idempotencyKey), undefined, call));
      if (found.outcome === 'pending') throw new NoAnswer(`The ${this.#options.name} has no outcome yet.`, { mayHaveArrived });
      return found.outcome === 'none' ? undefined : found;
    };
    const attempt = async (): Promise<T> => {
      const before = mayHaveArrived ? await settled() : undefined;
      if (before !== undefined) return before;
      try {
        return await this.#calling.execute(() => this.#request<T>(path, body, call));
      } catch (error) {
        mayHaveArrived ||= error instanceof NoAnswer && error.mayHaveArrived;
        throw error;
      }
    };
    try {
      return await this.#again.execute(attempt, call.signal);
    } catch (error) {
      const why = this.#explained(error);
      if (!mayHaveArrived) throw why;
      const unknown: Unknown = { outcome: 'unknown', reason: why.message };
      // An earlier call may have taken effect although this one is refused, so its outcome comes first. A refusal is told as one only if there is
      // no outcome to wait for: it ends the repeating, and whoever repeats the call later still finds by its key what was done.
      const became = await settled().catch((fault: unknown) => (fault instanceof KirokuError ? undefined : unknown));
      if (became !== undefined) return became;
      if (error instanceof KirokuError) throw error;
      return unknown;
    }
  }

  /** Asks without changing anything. Throws `ServiceUnavailable`. */
  async ask<T extends Answer>(path: string, options: AskOptions = {}): Promise<T> {
    try {
      return await this.#again.execute(() => this.#asking.execute(() => this.#request<T>(path, undefined, options)), options.signal);
    } catch (error) {
      throw this.#explained(error);
    }
  }

  /** Ends the connections when their answers are there. */
  stop(): Promise<void> {
    return this.#agent.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #request<T extends Answer>(path: string, body: object | undefined, call: AskOptions | KeyedCall): Promise<T> {
    const { name, timeoutMs = 5_000 } = this.#options;
    const { origin, pathname } = new URL(path, this.#base);
    const signal = new Deadline(timeoutMs, call.signal);
    const headers = headersOf(call, body !== undefined);
    const payload = body === undefined ? ({ method: 'GET' } as const) : ({ method: 'POST', body: JSON.stringify(body) } as const);
    let status: number;
    let text: string;
    try {
      const answer = await this.#http.request({ origin, path: pathname, headers, signal, ...payload });
      status = answer.statusCode;
      text = await answer.body.text();
    } catch (error) {
      throw noAnswer(name, error);
    } finally {
      signal[Symbol.dispose]();
    }
    return answerOf<T>(name, status, text);
  }

  #explained(error: unknown): KirokuError {
    if (error instanceof KirokuError) return error;
    const why = isBrokenCircuitError(error)
      ? `The ${this.#options.name} has not answered many times in a row, so it is left alone for a moment.`
      : error instanceof Error
        ? error.message
        : String(error);
    return new KirokuError('ServiceUnavailable', why, { cause: error });
  }
}

function headersOf(call: AskOptions | KeyedCall, hasBody: boolean): Record<string, string> {
  return {
    ...(hasBody && { 'content-type': 'application/json' }),
    ...('idempotencyKey' in call && { 'idempotency-key': call.idempotencyKey }),
    ...(call.correlationId !== undefined && { [correlationHeader]: call.correlationId }),
    ...(call.traceparent !== undefined && { traceparent: call.traceparent }),
    ...(call.tracestate !== undefined && { tracestate: call.tracestate }),
  };
}

function answerOf<T extends Answer>(name: string, status: number, text: string): T {
  const answer = parsed(text);
  if (status === 200 && typeof answer?.outcome === 'string') return answer as unknown as T; // the service's document says which outcomes
  if (status === 422 && answer?.code === 'KeyReused') {
    throw new KirokuError('IdReused', `The ${name} has had this idempotency key for another call. Give each call a key of its own.`);
  }
  if (notNow.has(status)) throw new NoAnswer(`The ${name} takes no calls now (${status}).`, { mayHaveArrived: false });
  if (status >= 400 && status < 500) {
    const why = (typeof answer?.detail === 'string' ? answer.detail : text).slice(0, 200);
    throw new KirokuError('BadRequest', `The ${name} does not accept the call (${status}): ${why}`, {
      details: { issues: answer?.issues ?? [] },
    });
  }
  throw new NoAnswer(`The ${name} answered with status ${status}.`, { mayHaveArrived: true });
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined; // checked just now
  } catch {
    return undefined;
  }
}
