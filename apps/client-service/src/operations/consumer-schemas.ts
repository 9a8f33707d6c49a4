import { z } from 'zod';
import { onBehalfSchema, time } from './operations-schemas.ts';

const texts = z.array(z.string().min(1).max(250)).max(1_000).readonly();
const position = z.int().min(0);

const terms = {
  timeoutMs: z.int().describe('For one answer.'),
  concurrency: z.int().describe('Streams whose events are on their way at the same time.'),
  maxAttempts: z.int().describe('After so many a message is a dead letter.'),
  maxAgeSeconds: z.int().describe('A message that first failed so long ago is a dead letter when it fails again.'),
};

export const consumerSchema = z.object({
  id: z.string(),
  name: z.string(),
  url: z.string(),
  filter: z
    .object({ types: z.array(z.string()).readonly(), categories: z.array(z.string()).readonly(), tags: z.array(z.string()).readonly() })
    .partial()
    .describe('What it gets; empty: all events.'),
  reveal: z.boolean().describe('Personal fields are sent readable.'),
  terms: z.object(terms),
  log: z.object({ id: z.string(), timeline: z.int() }),
  position: z.number().describe('Everything up to here was delivered, is kept as a message, or is nothing it gets.'),
  movedAt: time,
  paused: z.object({ reason: z.string(), since: time }).optional(),
  waiting: z.number().describe('Messages that are tried again, and those that wait behind one.'),
  dead: z.number(),
  failing: z
    .object({ error: z.string(), since: time, code: z.string().optional().describe('Of the fault that keeps its owner from delivering.') })
    .optional()
    .describe('What keeps its owner from delivering anything, or the latest failure of a message that is tried again or dead.'),
  owner: z.string().optional().describe('The process that delivers to it.'),
  previousSecretUntil: time.optional(),
  createdBy: z.string(),
  createdAt: time,
  state: z.enum(['delivering', 'failing', 'paused', 'orphaned']),
  lag: z
    .object({ events: z.number(), seconds: z.number() })
    .describe('Behind the head of the log; messages that are kept are not counted.'),
});

export const deadLetterSchema = z.object({
  consumer: z.string(),
  position: z.number(),
  eventId: z.string(),
  eventType: z.string(),
  stream: z.string(),
  error: z.string(),
  attempts: z.number(),
  failedAt: time,
  diedAt: time,
  behind: z.number().describe('Messages of the same stream that wait behind it.'),
});

export const shownConsumerSchema = z.object({
  consumer: consumerSchema,
  log: z.object({ id: z.string(), timeline: z.int() }).describe('As it is now.'),
  head: z.number(),
  deadLetters: z.array(deadLetterSchema).readonly(),
});

export const orderSchema = z.strictObject({
  name: z.string(),
  url: z.string().max(2_000),
  types: texts.optional(),
  categories: texts.optional(),
  tags: texts.optional().describe('Events that have all of these.'),
  from: z
    .union([z.enum(['beginning', 'now']), position])
    .optional()
    .describe('A position: what follows it. Default: now.'),
  reveal: z.boolean().optional(),
  terms: z.strictObject(terms).partial().optional(),
});

export const addingSchema = onBehalfSchema.extend(orderSchema.shape);

export const consumerPlanSchema = consumerSchema.pick({ name: true, url: true, filter: true, reveal: true, terms: true }).extend({
  position: z.number().describe('It would get what follows.'),
  head: z.number().describe('The end of the log.'),
});

export const addedSchema = z.object({ consumer: consumerSchema, secret: z.string().describe('Told this once.') });

export const rewindingSchema = onBehalfSchema.extend({ to: position.describe('What follows is delivered again.') });

export const rotatingSchema = onBehalfSchema.extend({
  overlapHours: z.number().min(0).max(8_760).optional().describe('How long the secret before is good too. Default: 24.'),
});

export const rotatedSchema = z.object({
  name: z.string(),
  secret: z.string().describe('Told this once.'),
  previousUntil: time.optional(),
});

export const settlingLettersSchema = onBehalfSchema.extend({
  positions: z.union([z.array(z.int().min(1)).min(1).readonly(), z.literal('all')]),
});

export const letterFilterSchema = z.object({
  consumer: z.string().optional().describe('Only of this consumer.'),
  after: z.string().max(1_000).optional().describe('`diedAt,position,consumer` of the last one of the list before, to go on there.'),
  limit: z.coerce.number().int().min(1).max(10_000).default(100).describe('How many at most.'),
});
