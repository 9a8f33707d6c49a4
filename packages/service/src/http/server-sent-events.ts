import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { answerSignal } from './answer-signal.ts';

/** Makes what is asked for, until the signal. */
export type ToldValues = (signal: AbortSignal) => AsyncIterable<unknown>;

/**
 * Answers with server-sent events, each value as JSON, until they end, the receiver is gone or the service stops: an answer that goes on would
 * hold up the stop. To be made before the service listens: `const tell = serverSentEvents(app)`, then `(request, reply) => tell(reply, values)`.
 */
export function serverSentEvents(app: FastifyInstance): (reply: FastifyReply, values: ToldValues) => FastifyReply {
  const stopping = new AbortController();
  app.addHook('preClose', async () => stopping.abort());
  return (reply, values) => {
    const signal = AbortSignal.any([stopping.signal, answerSignal(reply)]);
    return reply
      .header('content-type', 'text/event-stream; charset=utf-8')
      .header('cache-control', 'no-store')
      .header('connection', 'close') // nothing comes after it; a kept connection would hold up the stop
      .send(Readable.from(events(values(signal)), { objectMode: false }));
  };
}

async function* events(values: AsyncIterable<unknown>) {
  for await (const value of values) yield `data: ${JSON.stringify(value)}\n\n`;
}
