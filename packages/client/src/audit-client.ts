import type { Client } from 'openapi-fetch';
import { answerOf } from './answer.ts';
import type { paths } from './generated/operations.ts';
import { type Answered, type OperationsClientOptions, openClient } from './open-client.ts';

type Query = NonNullable<paths['/audit/entries']['get']['parameters']['query']>;

/** A head that a chain had. */
interface Head {
  readonly chain: string;
  readonly sequence: number;
  readonly hash: string;
}

/** The audit of a gateway's installation. Throws the faults that the operations API tells of, and `ServiceUnavailable`. */
export class AuditClient {
  readonly #options: OperationsClientOptions;
  readonly #client: Client<paths>;

  constructor(options: OperationsClientOptions) {
    this.#options = options;
    this.#client = openClient(options);
  }

  /** Commands and what operators did, latest first. */
  async listAudit(query: Query): Promise<Answered<'/audit/entries', 'get'>> {
    return await answerOf(this.#options.url, this.#client.GET('/audit/entries', { params: { query } }));
  }

  /** Where the chains end. */
  async auditHeads(): Promise<Answered<'/audit/heads', 'get'>> {
    return await answerOf(this.#options.url, this.#client.GET('/audit/heads'));
  }

  /** Recomputes the chains, and compares them with heads they had earlier. */
  async verifyAudit(earlier: readonly Head[]): Promise<Answered<'/audit/verification', 'get'>> {
    const head = earlier.map(({ chain, sequence, hash }) => `${chain}:${sequence}:${hash}`);
    return await answerOf(this.#options.url, this.#client.GET('/audit/verification', { params: { query: { head } } }));
  }
}
