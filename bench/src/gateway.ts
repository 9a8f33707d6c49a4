import { Agent } from 'undici';

/** Sends mutations to the shop. */
export class Gateway implements AsyncDisposable {
  readonly #agent = new Agent({ connections: 128, keepAliveTimeout: 30_000 });
  readonly #origin: string;

  constructor({ url }: { readonly url: string }) {
    this.#origin = new URL(url).origin;
  }

  /** Its data. Throws if there is an error in the answer. */
  async mutate<T>(query: string, variables: object): Promise<T> {
    const { statusCode, body } = await this.#agent.request({
      origin: this.#origin,
      path: '/graphql',
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    });
    const answer = (await body.json()) as { readonly data?: T; readonly errors?: unknown }; // as GraphQL answers
    if (statusCode !== 200 || answer.data === undefined || answer.errors !== undefined) {
      throw new Error(`The gateway answered ${statusCode}: ${JSON.stringify(answer)}`);
    }
    return answer.data;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#agent.close();
  }
}
