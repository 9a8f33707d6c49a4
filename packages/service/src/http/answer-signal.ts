import type { FastifyReply } from 'fastify';

/**
 * Fires when the answer has been sent or its receiver is gone: nobody waits for it any more.
 * (A request's own `close` fires as soon as its body has been read: https://nodejs.org/api/http.html#event-close_3)
 */
export function answerSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => controller.abort());
  return controller.signal;
}
