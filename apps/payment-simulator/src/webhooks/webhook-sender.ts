import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type TraceContext, type Tracing, tracedHttp } from '@kiroku/service';
import { Agent, type Dispatcher } from 'undici';
import { type Entry, operationsOf } from '../ledger/operations.ts';
import type { Webhooks } from './announcing.ts';
import { signedHeaders } from './sign.ts';

const attempts = 6;
const firstWaitMs = 200;

interface Announced extends Webhooks {
  readonly trace: TraceContext;
}

export interface WebhookSenderOptions {
  readonly random: () => number;
  readonly onFault: (error: unknown, key: string) => void;
  readonly tracing?: Tracing | undefined;
}

/**
 * Announces outcomes, late, twice and in another order if told so. A delivery that fails is repeated a few times; what a restart interrupts is
 * not made up for, so the outcome of a key is learnt for sure only by asking.
 */
export class WebhookSender {
  readonly #agent = new Agent({ connections: 16, headersTimeout: 5_000, bodyTimeout: 5_000 });
  readonly #http: Dispatcher;
  readonly #stopping = new AbortController();
  readonly #random: () => number;
  readonly #onFault: (error: unknown, key: string) => void;
  readonly #underWay = new Set<Promise<void>>();

  constructor(options: WebhookSenderOptions) {
    this.#http = tracedHttp(this.#agent, options.tracing, { template: (path) => path });
    this.#random = options.random;
    this.#onFault = options.onFault;
    setMaxListeners(0, this.#stopping.signal); // one for each outcome that waits
  }

  /** `trace`: of the call that it is the outcome of. */
  announce(entry: Entry, webhooks: Webhooks, trace: TraceContext): void {
    const times = this.#random() < webhooks.duplicateShare ? 2 : 1;
    for (let time = 0; time < times; time += 1) {
      const delivery = this.#deliver(entry, { ...webhooks, trace }, Math.round(this.#random() * webhooks.spreadMs));
      this.#underWay.add(delivery);
      void delivery.finally(() => this.#underWay.delete(delivery));
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#underWay);
    await this.#agent.destroy();
  }

  async #deliver(entry: Entry, webhooks: Announced, delayMs: number): Promise<void> {
    const { signal } = this.#stopping;
    try {
      await sleep(delayMs, undefined, { signal });
      for (let attempt = 1; ; attempt += 1) {
        const fault = await this.#post(entry, webhooks);
        if (fault === undefined || signal.aborted) return;
        if (attempt === attempts) return this.#onFault(fault, entry.key);
        await sleep(firstWaitMs * 2 ** (attempt - 1), undefined, { signal });
      }
    } catch (error) {
      if (!signal.aborted) this.#onFault(error, entry.key);
    }
  }

  /** Returns why it was not taken. */
  async #post(entry: Entry, { url, shipmentsUrl, secret, trace }: Announced): Promise<unknown> {
    const { origin, pathname, search } = new URL(serviceOf(entry) === 'payment' ? url : shipmentsUrl);
    const body = JSON.stringify({ type: typeOf(entry), timestamp: entry.at, data: entry });
    const headers = signedHeaders({ id: entry.key, at: Math.floor(Date.now() / 1_000), body }, secret);
    try {
      const answer = await this.#http.request({
        origin,
        path: `${pathname}${search}`,
        method: 'POST',
        headers: { ...headers, ...trace },
        body,
        signal: this.#stopping.signal,
      });
      await answer.body.dump();
      return answer.statusCode < 300 ? undefined : new Error(`The receiver answered ${answer.statusCode}.`);
    } catch (error) {
      return error;
    }
  }
}

function typeOf(entry: Entry): string {
  return `${serviceOf(entry)}.${entry.outcome.outcome}`;
}

function serviceOf(entry: Entry): 'payment' | 'shipment' {
  return operationsOf.payments.some((name) => name === entry.name) ? 'payment' : 'shipment';
}
