import { revealStateOfStream, type StreamStores, stateOfStream } from '@kiroku/operations';
import type { ZodApp } from '@kiroku/service';
import { z } from 'zod';
import { given, operatorOf } from './given.ts';
import { onBehalfSchema, problem, time } from './operations-schemas.ts';

const tags = ['streams'];
const params = z.object({ stream: z.string().max(400).describe('Name of the stream, e.g. `order-0193…`.') });
const version = z.int().min(1).optional().describe('Up to this version of the stream. Not together with `at`.');
const at = z
  .union([z.int().min(0), z.string().min(1)])
  .optional()
  .describe('Up to this position of the log, or with what was recorded by this time (ISO 8601). Default: all events.');

const stateQuerySchema = z.object({
  version: z.coerce.number().pipe(z.int().min(1)).optional().describe('Up to this version of the stream. Not together with `at`.'),
  at: z
    .string()
    .min(1)
    .transform((text) => (/^[0-9]{1,16}$/.test(text) ? Number(text) : text))
    .optional()
    .describe('A position, or a time (ISO 8601).'),
});

const revealingSchema = onBehalfSchema.extend({ version, at });

const stateSchema = z.object({
  stream: z.string(),
  version: z.number().describe('Of the last event that is in the state.'),
  position: z.number(),
  recordedAt: time,
  state: z.unknown(),
});

/** The state of a stream as of any moment, folded from its events. */
export function streamRoutes(api: ZodApp, stores: StreamStores): void {
  const answer = { tags, params, response: { 200: stateSchema, default: problem } };
  api.get(
    '/streams/:stream/state',
    { schema: { ...answer, operationId: 'stateOfStream', summary: 'The state of a stream', querystring: stateQuerySchema } },
    async ({ params: { stream }, query }) => stateOfStream(stores, { stream, ...given(query) }),
  );
  api.post(
    '/streams/:stream/state',
    {
      schema: {
        ...answer,
        operationId: 'revealStateOfStream',
        summary: 'The state of a stream with personal data; the audit log notes who looked',
        body: revealingSchema,
      },
    },
    async ({ params: { stream }, body: { operator, reason, ...until } }) =>
      revealStateOfStream(stores, { stream, ...given(until), operator: operatorOf({ operator, reason }) }),
  );
}
