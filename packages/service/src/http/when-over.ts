import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** How a request ended: with its whole answer, or without, as whoever asked was gone. */
export type Ending = 'answered' | 'left';

/**
 * Tells once of every request that it is over. Fastify alone does not: `onResponse` comes only when the whole answer was sent, and
 * `onRequestAbort` only while the body is still being read.
 */
export function whenOver(app: FastifyInstance, tell: (request: FastifyRequest, reply: FastifyReply, ending: Ending) => void): void {
  const over = new WeakSet<FastifyRequest>();
  const end = (request: FastifyRequest, reply: FastifyReply, ending: Ending) => {
    if (over.has(request)) return;
    over.add(request);
    tell(request, reply, ending);
  };
  app.addHook('onRequest', (request, reply, done) => {
    reply.raw.once('close', () => end(request, reply, 'left')); // it comes after an answer, too, which has been told by then
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    end(request, reply, 'answered');
    done();
  });
}
