import { type Client, createClient } from 'graphql-ws';
import WebSocket from 'ws';

export interface GraphqlError {
  readonly message: string;
  readonly extensions?: { readonly code?: string; readonly kind?: string; readonly [key: string]: unknown };
}

export interface GraphqlAnswer<T> {
  readonly status: number;
  readonly data: T | null | undefined;
  readonly errors: readonly GraphqlError[];
}

/** Talks to the gateway as any client would. */
export class GraphqlClient {
  readonly host: string;
  readonly #subscriptions: Client;

  constructor(host: string) {
    this.host = host;
    this.#subscriptions = createClient({ url: `ws://${host}/graphql`, webSocketImpl: WebSocket, retryAttempts: 0 });
  }

  /** One request; errors are part of the answer. Throws if the gateway cannot be reached. */
  async ask<T>(query: string, variables: object = {}): Promise<GraphqlAnswer<T>> {
    const response = await fetch(`http://${this.host}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(30_000),
    });
    const { data, errors = [] } = (await response.json()) as { data?: T | null; errors?: readonly GraphqlError[] }; // the GraphQL response format
    return { status: response.status, data, errors };
  }

  /** One request whose answer is data. */
  async data<T>(query: string, variables: object = {}): Promise<T> {
    const { data, errors } = await this.ask<T>(query, variables);
    if (errors.length > 0 || data === undefined || data === null) throw new Error(`GraphQL answered: ${JSON.stringify(errors)}`);
    return data;
  }

  /** What a subscription pushes, until the loop over it ends. */
  async *subscribe<T>(query: string, variables: Record<string, unknown>): AsyncGenerator<T> {
    for await (const { data, errors } of this.#subscriptions.iterate<T>({ query, variables })) {
      if (errors !== undefined) throw new Error(`The subscription answered: ${JSON.stringify(errors)}`);
      if (data !== undefined && data !== null) yield data;
    }
  }

  async close(): Promise<void> {
    await this.#subscriptions.dispose();
  }
}
