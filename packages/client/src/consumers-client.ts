import type { Client } from 'openapi-fetch';
import { answerOf } from './answer.ts';
import type { paths } from './generated/operations.ts';
import { type Answered, type OperationsClientOptions, onBehalf, openClient } from './open-client.ts';

type Consumer = Answered<'/consumers/{name}/pause', 'post'>;
type DeadLetters = Answered<'/dead-letters', 'get'>;

/** A consumer that is to be registered; what is left out is as the gateway has it by default. */
export interface ConsumerToAdd {
  readonly name: string;
  readonly url: string;
  readonly types?: readonly string[];
  readonly categories?: readonly string[];
  readonly tags?: readonly string[];
  readonly from?: 'beginning' | 'now' | number;
  readonly reveal?: boolean;
  readonly terms?: {
    readonly timeoutMs?: number;
    readonly concurrency?: number;
    readonly maxAttempts?: number;
    readonly maxAgeSeconds?: number;
  };
}

/** The outside consumers of a gateway's installation. Throws the faults that the operations API tells of, and `ServiceUnavailable`. */
export class ConsumersClient {
  readonly #options: OperationsClientOptions;
  readonly #client: Client<paths>;

  constructor(options: OperationsClientOptions) {
    this.#options = options;
    this.#client = openClient(options);
  }

  async listConsumers(): Promise<Answered<'/consumers', 'get'>> {
    return await this.#answer(this.#client.GET('/consumers'));
  }

  async showConsumer(name: string): Promise<Answered<'/consumers/{name}', 'get'>> {
    return await this.#answer(this.#client.GET('/consumers/{name}', { params: { path: { name } } }));
  }

  /** What registering it would lead to. */
  async planConsumer(consumer: ConsumerToAdd): Promise<Answered<'/consumer-plan', 'post'>> {
    return await this.#answer(this.#client.POST('/consumer-plan', { body: orderOf(consumer) }));
  }

  /** The secret is told this once. */
  async addConsumer(consumer: ConsumerToAdd): Promise<Answered<'/consumers', 'post'>> {
    return await this.#answer(this.#client.POST('/consumers', { body: { ...this.#onBehalf(), ...orderOf(consumer) } }));
  }

  async pauseConsumer(name: string, paused: boolean): Promise<Consumer> {
    const options = { params: { path: { name } }, body: this.#onBehalf() };
    return await this.#answer(this.#client.POST(paused ? '/consumers/{name}/pause' : '/consumers/{name}/resume', options));
  }

  /** Delivers again what follows a position. */
  async rewindConsumer(name: string, to: number): Promise<Consumer> {
    const body = { ...this.#onBehalf(), to };
    return await this.#answer(this.#client.POST('/consumers/{name}/rewind', { params: { path: { name } }, body }));
  }

  /** The secret is told this once. */
  async rotateSecret(name: string, overlapHours?: number): Promise<Answered<'/consumers/{name}/rotate-secret', 'post'>> {
    const body = { ...this.#onBehalf(), ...(overlapHours !== undefined && { overlapHours }) };
    return await this.#answer(this.#client.POST('/consumers/{name}/rotate-secret', { params: { path: { name } }, body }));
  }

  async removeConsumer(name: string): Promise<Consumer> {
    return await this.#answer(this.#client.POST('/consumers/{name}/remove', { params: { path: { name } }, body: this.#onBehalf() }));
  }

  /** Oldest first; `after`: `diedAt,position,consumer` of the last one of the list before. */
  async listDeadLetters(filter: { readonly consumer?: string; readonly after?: string; readonly limit: number }): Promise<DeadLetters> {
    return await this.#answer(this.#client.GET('/dead-letters', { params: { query: { ...filter } } }));
  }

  async settleDeadLetters(choice: {
    readonly name: string;
    readonly verb: 'retry' | 'discard';
    readonly positions: readonly number[] | 'all';
  }): Promise<DeadLetters> {
    const { name, verb, positions } = choice;
    const body = { ...this.#onBehalf(), positions: positions === 'all' ? positions : [...positions] };
    return await this.#answer(this.#client.POST(`/consumers/{name}/dead/${verb}`, { params: { path: { name } }, body }));
  }

  #onBehalf(): { operator: string; reason?: string } {
    return onBehalf(this.#options.operator);
  }

  #answer<T>(asking: Promise<{ readonly data?: T; readonly error?: unknown; readonly response: Response }>): Promise<T> {
    return answerOf(this.#options.url, asking);
  }
}

function orderOf({ types, categories, tags, ...rest }: ConsumerToAdd) {
  return {
    ...rest,
    ...(types && { types: [...types] }),
    ...(categories && { categories: [...categories] }),
    ...(tags && { tags: [...tags] }),
  };
}
