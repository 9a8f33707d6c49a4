import { z } from 'zod';
import { onBehalfSchema, time } from './operations-schemas.ts';

const names = z.array(z.string().min(1)).min(1).max(1_000);
const projections = z
  .union([z.string(), z.array(z.string())])
  .transform((each) => [each].flat())
  .optional()
  .describe('Names of projections; may be repeated. Default: all.');
const into = z.string().max(200).optional().describe('Name of the moment. Default: `at_<position>`.');
const position = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const log = z.object({ id: z.string(), timeline: z.int() });

export const momentSchema = z.object({
  name: z.string(),
  position: z.number().describe('The last position that is in the rows.'),
  recordedAt: time,
  log,
  createdAt: time,
  projections: z
    .array(
      z.object({
        projection: z.string(),
        version: z.int(),
        schema: z.string(),
        job: z.string(),
        epoch: z.int(),
        parkedKeys: z.number(),
        bytes: z.number(),
        builtAt: time.optional().describe('Absent: it is not complete.'),
      }),
    )
    .readonly(),
});

export const momentFilterSchema = z.object({
  after: z.string().optional().describe('`position,name` of the last one of the list before, to go on there.'),
  limit: z.coerce.number().int().min(1).max(100_000).default(100).describe('How many at most.'),
});

/** A position as digits, or a time. */
const untilText = z
  .string()
  .min(1)
  .transform((text) => (/^[0-9]{1,16}$/.test(text) ? Number(text) : text));

export const replayPlanQuerySchema = z.object({
  until: untilText.describe('A position, or a time (ISO 8601).'),
  projection: projections,
  into,
  replace: z.stringbool().optional().describe('Build anew what is built already.'),
});

export const replayPlanSchema = z.object({
  arguments: z.object({
    moment: z.object({ name: z.string(), position: z.number(), recordedAt: time, log }),
    projections: z.array(z.object({ name: z.string(), version: z.int() })).readonly(),
    replace: z.boolean(),
    memoryBytes: z.number(),
  }),
  schemas: z.array(z.string()).readonly().describe('By projection.'),
});

export const replayingSchema = onBehalfSchema.extend({
  until: z.union([position, z.string().min(1)]).describe('A position, or a time (ISO 8601): the last event recorded by then.'),
  projections: z.union([names, z.literal('all')]).describe('Names of projections.'),
  into,
  replace: z.boolean().optional().describe('Build anew what is built already.'),
  memoryBytes: z.int().min(1_000_000).optional().describe('What the process may grow by.'),
});

export const diffQuerySchema = z.object({
  projection: projections,
  limit: z.coerce.number().int().min(0).max(100_000).default(20).describe('Rows of each table.'),
});

export const diffSchema = z.object({
  tables: z
    .array(z.object({ projection: z.string(), table: z.string(), added: z.number(), removed: z.number(), changed: z.number() }))
    .readonly(),
  rows: z
    .array(
      z.object({
        projection: z.string(),
        table: z.string(),
        kind: z.enum(['added', 'removed', 'changed']),
        key: z.record(z.string(), z.unknown()),
        fields: z.record(z.string(), z.object({ before: z.unknown().optional(), after: z.unknown().optional() })),
      }),
    )
    .readonly()
    .describe('The first of each table.'),
});
