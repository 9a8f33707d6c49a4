import type { FastifyReply } from 'fastify';

/** Whoever asked is gone, so the work for the answer was given up: nobody's fault. */
export class ReceiverGone extends Error {
  override readonly name = 'ReceiverGone';
}

/**
 * Fires, with `ReceiverGone`, when the answer has been sent or its receiver is gone: nobody waits for it any more.
 * (A request's own `close` fires as soon as its body has been read: https://nodejs.org/api/http.html#event-close_3)
 */
export function answerSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => controller.abort(new ReceiverGone('Nobody waits for the answer any more.')));
  return controller.signal;
}
