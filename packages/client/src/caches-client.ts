import type { Client } from 'openapi-fetch';
import { answerOf } from './answer.ts';
import type { paths } from './generated/operations.ts';
import { type Answered, type OperationsClientOptions, onBehalf, openClient } from './open-client.ts';

export interface CacheToWarmUp {
  /** In the order in which they are asked about. */
  readonly entities: readonly string[];
  /** Rows of each that are asked about, at most. Default 1,000. */
  readonly limit?: number;
}

/** A warm-up takes a minute at most, and waits for its last answers. */
const warmUpMs = 90_000;

/** The caches of answers of gateways. Throws the faults that the operations API tells of, and `ServiceUnavailable`. */
export class CachesClient {
  readonly #options: OperationsClientOptions;
  readonly #client: Client<paths>;
  readonly #patient: Client<paths>;

  constructor(options: OperationsClientOptions) {
    this.#options = options;
    this.#client = openClient(options);
    this.#patient = openClient({ timeoutMs: warmUpMs, ...options });
  }

  async listCaches(): Promise<Answered<'/caches', 'get'>> {
    return await answerOf(this.#options.url, this.#client.GET('/caches'));
  }

  /** Default: answers to all queries. */
  async clearCaches(choice: { readonly query?: string }): Promise<Answered<'/caches/clear', 'post'>> {
    const body = { ...onBehalf(this.#options.operator), ...choice };
    return await answerOf(this.#options.url, this.#client.POST('/caches/clear', { body }));
  }

  async warmUpCaches({ entities, ...rest }: CacheToWarmUp): Promise<Answered<'/caches/warmup', 'post'>> {
    const body = { ...onBehalf(this.#options.operator), entities: [...entities], ...rest };
    return await answerOf(this.#options.url, this.#patient.POST('/caches/warmup', { body }));
  }
}
