import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { CloudEvent } from '@kiroku/core';

export interface Received {
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly event: CloudEvent;
  /** What it was answered with; `undefined`: nothing. */
  readonly status: number | undefined;
}

/** Status and headers, or how there is no answer. */
export type Answer = number | { readonly status: number; readonly headers: { readonly [name: string]: string } } | 'hang' | 'close';

/** A receiver of webhooks on this machine, for tests. Answers 204 unless told otherwise. */
export class Receiver implements AsyncDisposable {
  readonly #server: Server;
  readonly received: Received[] = [];
  answer: (event: CloudEvent) => Answer | Promise<Answer> = () => 204;
  /** Throws for a message that is not rightly signed: it is answered 401. */
  verify: (body: string, headers: Record<string, string>) => void = () => undefined;
  /** Requests that are not answered yet, now and at most. */
  underWay = 0;
  mostUnderWay = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<Receiver> {
    const server = createServer();
    const receiver = new Receiver(server);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => void receiver.#take(request, Buffer.concat(chunks).toString(), response));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return receiver;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The receiver does not listen.');
    return `http://127.0.0.1:${address.port}/hooks?of=test`;
  }

  /** Positions that were accepted, of all or of one stream, in the order of arrival. */
  accepted(stream?: string): readonly number[] {
    const taken = this.received.filter(({ status, event }) => status === 204 && (stream === undefined || event.subject === stream));
    return taken.map(({ event }) => Number(event.position));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #isRight(body: string, headers: IncomingHttpHeaders): boolean {
    try {
      this.verify(body, headers as Record<string, string>); // those of a webhook are given once
      return true;
    } catch {
      return false;
    }
  }

  async #take({ headers, url: path = '' }: IncomingMessage, body: string, response: ServerResponse): Promise<void> {
    const event = JSON.parse(body) as CloudEvent; // what is under test
    this.underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
    const answer = this.#isRight(body, headers) ? await this.answer(event) : 401;
    this.underWay -= 1;
    const { status, headers: more = {} }: { status?: number; headers?: { readonly [name: string]: string } } =
      typeof answer === 'number' ? { status: answer } : typeof answer === 'object' ? answer : {};
    this.received.push({ path, headers, body, event, status });
    if (status !== undefined) response.writeHead(status, more).end(status === 204 ? undefined : 'as the test wants');
    else if (answer === 'close') response.destroy();
  }
}
