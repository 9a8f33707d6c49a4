import { Agent } from 'undici';
import { type Answer, answerOf, unanswered } from './answer.ts';
import type { GraphqlRequest } from './documents.ts';

/** The position that a shopper has seen; it is sent along, so that all read their own writes. */
export interface Session {
  position?: string;
}

const timeoutMs = 15_000;

/** The shop's GraphQL API, through connections that are kept. */
export class Gateway implements AsyncDisposable {
  readonly #agent: Agent;
  readonly #origin: string;

  /** `url` of the gateway: `http://127.0.0.1:4000`. */
  constructor(url: string, connections: number) {
    this.#origin = new URL(url).origin;
    this.#agent = new Agent({ connections, keepAliveTimeout: 30_000, connect: { timeout: 2_000 } });
  }

  /** Never throws: what goes wrong is an answer too. */
  async ask(request: GraphqlRequest, session: Session = {}): Promise<Answer> {
    try {
      const { statusCode, headers, body } = await this.#agent.request({
        origin: this.#origin,
        path: '/graphql',
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(session.position !== undefined && { 'x-kiroku-at-least': session.position }),
        },
        body: JSON.stringify(request),
        signal: AbortSignal.timeout(timeoutMs),
      });
      const text = await body.text();
      const position = headers['x-kiroku-position'];
      if (typeof position === 'string') session.position = position;
      return answerOf(statusCode, parsed(text));
    } catch (error) {
      return unanswered(error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.close();
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // something between us and the gateway has answered
  }
}
