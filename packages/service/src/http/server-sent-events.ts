import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { answerSignal } from './answer-signal.ts';

/** Makes what is asked for, until the signal. */
export type ToldValues = (signal: AbortSignal) => AsyncIterable<unknown>;

/**
 * Answers with server-sent events, each value as JSON, until they end or fail, the receiver is gone or the service stops: an answer that goes on would
 * hold up the stop. It begins at once, so what is to be refused has to be before. To be made before the service listens: `const tell = serverSentEvents(app)`, then `(request, reply) => tell(reply, values)`.
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
      .send(Readable.from(events(values, { signal, reply }), { objectMode: false }));
  };
}

async function* events(values: ToldValues, { signal, reply }: { readonly signal: AbortSignal; readonly reply: FastifyReply }) {
  yield ':\n\n'; // a comment: without any byte the receiver would not even see that it is answered
  try {
    for await (const value of values(signal)) yield `data: ${JSON.stringify(value)}\n\n`;
  } catch (error) {
    if (signal.aborted) return; // as what waits for a signal does
    reply.log.error({ err: error }, 'events could not be made, so their answer ends');
    throw error;
  }
}
