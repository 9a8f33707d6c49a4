import { Agent, type Dispatcher } from 'undici';
import type { WebhookMessage } from './webhook-message.ts';

/** What a receiver answered. */
export interface WebhookAnswer {
  readonly status: number;
  readonly retryAfter?: string;
  readonly location?: string;
  /** The beginning of the body, for people. */
  readonly text: string;
}

export interface WebhookSenderOptions {
  readonly connections: number;
  readonly timeoutMs: number;
  /** What requests go through, e.g. to be observed. Default: the connections themselves. */
  readonly through?: ((connections: Dispatcher) => Dispatcher) | undefined;
}

const textBytes = 2_048;
const textLength = 200;

/** Posts messages over connections that are kept. Redirects are answers like others. */
export class WebhookSender {
  readonly #agent: Agent;
  readonly #http: Dispatcher;

  constructor({ connections, timeoutMs, through = (agent) => agent }: WebhookSenderOptions) {
    this.#agent = new Agent({ connections, connect: { timeout: timeoutMs }, keepAliveTimeout: 4_000 });
    this.#http = through(this.#agent);
  }

  /** Throws what the connection throws, and when the signal fires. */
  async post(url: string, { headers, body }: WebhookMessage, signal: AbortSignal): Promise<WebhookAnswer> {
    const { origin, pathname, search } = new URL(url);
    const answer = await this.#http.request({ origin, path: `${pathname}${search}`, method: 'POST', headers, body, signal });
    const { 'retry-after': retryAfter, location } = answer.headers;
    return {
      status: answer.statusCode,
      text: await beginningOf(answer.body).catch(() => ''), // the status has said what there is to know
      ...(typeof retryAfter === 'string' && { retryAfter }),
      ...(typeof location === 'string' && { location }),
    };
  }

  /** Ends the connections at once. */
  stop(): Promise<void> {
    return this.#agent.destroy();
  }
}

/** Reads no more than people look at: the rest of a longer body is given up with its connection. */
async function beginningOf(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= textBytes) break;
  }
  return Buffer.concat(chunks).toString('utf8').trim().slice(0, textLength);
}
