import { problemSchema, type ZodApp } from '@kiroku/service';
import { z } from 'zod';
import { behaviourSchema } from '../behaviour/behaviour.ts';
import type { Misbehaviour } from '../behaviour/misbehaviour.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { entrySchema } from '../ledger/operations.ts';

const problem = { description: 'A fault.', content: { 'application/problem+json': { schema: problemSchema } } };

/** What tests look at and turn: the ledger and the behaviour. */
export function steeringRoutes(
  app: ZodApp,
  { ledger, misbehaviour }: { readonly ledger: Ledger; readonly misbehaviour: Misbehaviour },
): void {
  app.get(
    '/ledger',
    {
      schema: {
        operationId: 'readLedger',
        tags: ['simulator'],
        summary: 'What was decided, in order; pass `next` as `after` until nothing comes',
        querystring: z.object({
          after: z.coerce.number().int().min(0).default(0),
          limit: z.coerce.number().int().min(1).max(10_000).default(1_000),
        }),
        response: { 200: z.object({ entries: z.array(entrySchema), next: z.int() }), default: problem },
      },
    },
    async ({ query: { after, limit } }) => {
      const entries = [...ledger.entries(after, limit)];
      return { entries, next: entries.at(-1)?.sequence ?? after };
    },
  );
  app.get(
    '/behaviour',
    { schema: { operationId: 'readBehaviour', tags: ['simulator'], summary: 'How it behaves', response: { 200: behaviourSchema } } },
    async () => misbehaviour.behaviour,
  );
  app.put(
    '/behaviour',
    {
      schema: {
        operationId: 'setBehaviour',
        tags: ['simulator'],
        summary: 'How it is to behave from now on, until it is restarted; what is left out is well behaved',
        body: behaviourSchema,
        response: { 200: behaviourSchema, default: problem },
      },
    },
    async ({ body }) => {
      misbehaviour.behaviour = body;
      return body;
    },
  );
}
