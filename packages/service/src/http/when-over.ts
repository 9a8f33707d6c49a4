import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** How a request ended: with its whole answer, or without, as whoever asked was gone. */
export type Ending = 'answered' | 'left';

type Marked = FastifyRequest & { [mark: symbol]: true | undefined };

/**
 * Tells once of every request that it is over. Fastify alone does not: `onResponse` comes only when the whole answer was sent, and
 * `onRequestAbort` only while the body is still being read.
 */
export function whenOver(app: FastifyInstance, tell: (request: FastifyRequest, reply: FastifyReply, ending: Ending) => void): void {
  const over = Symbol('over'); // a mark on the request: a `WeakSet` of requests takes twenty times as long
  const end = (request: Marked, reply: FastifyReply, ending: Ending) => {
    if (request[over]) return;
    request[over] = true;
    tell(request, reply, ending);
  };
  app.addHook('onRequest', (request, reply, done) => {
    reply.raw.on('close', () => end(request as Marked, reply, 'left')); // it comes once, after an answer too, which has been told by then
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    end(request as Marked, reply, 'answered');
    done();
  });
}
