import type { UnrecordedCommand } from '@kiroku/core';
import { unrecordedCommand } from '@kiroku/engine';
import { requestContext, toProblem } from '@kiroku/service';
import type { FastifyReply, FastifyRequest } from 'fastify';

const taken = Symbol('kiroku.request.taken');

type Taken = FastifyRequest & { [taken]?: true };

/** Audits what is refused before it is a command: a body that is no JSON, an id that is none, a service that stops. */
export function refusals({ record, now }: { readonly record?: (command: UnrecordedCommand) => void; readonly now: () => string }) {
  return {
    /** It has become a command, and its end is audited as that. */
    none: (request: Taken): void => {
      request[taken] = true;
    },
    onError: async (request: Taken, _reply: FastifyReply, error: unknown): Promise<void> => {
      if (request[taken]) return;
      const { code, status } = toProblem(error, request.id);
      const id = request.headers['idempotency-key'];
      const type = /^\/commands\/([^/?]+)/.exec(request.url)?.[1] ?? '';
      const refused = { type, id: typeof id === 'string' ? id : '', at: now(), metadata: { ...requestContext(request) } };
      record?.(unrecordedCommand(refused, { outcome: status < 500 ? 'invalid' : 'fault', code }));
    },
  };
}
