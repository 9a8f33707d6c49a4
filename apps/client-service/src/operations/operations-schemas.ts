import { checkTime } from '@kiroku/core';
import { problemSchema } from '@kiroku/service';
import { z } from 'zod';

export const problem = { description: 'A fault.', content: { 'application/problem+json': { schema: problemSchema } } };

const json = z.record(z.string(), z.unknown());
export const time = z.string().describe('ISO 8601, UTC.');

export const jobStates = z.enum(['queued', 'running', 'paused', 'done', 'failed', 'cancelled']);

export const jobSchema = z.object({
  id: z.string(),
  verb: z.string().describe('As on the command line.'),
  arguments: json,
  state: jobStates,
  requested: z.enum(['pause', 'cancel']).optional().describe('Asked of its owner, and not done yet.'),
  progress: z.object({ done: z.number(), total: z.number().optional(), unit: z.string() }).optional(),
  cursor: json.optional(),
  rate: z.number().optional().describe('Units a second.'),
  etaSeconds: z.number().optional(),
  owner: z.string().optional(),
  epoch: z.int(),
  abandoned: z.int().optional().describe('How often in a row its owner has gone without a word, and without having got further.'),
  leasedUntil: time.optional(),
  createdBy: z.string(),
  reason: z.string().optional(),
  error: z.string().optional(),
  result: z.unknown().optional(),
  createdAt: time,
  startedAt: time.optional(),
  endedAt: time.optional(),
});

export const shownJobSchema = z.object({
  job: jobSchema,
  lines: z.array(z.object({ number: z.int(), at: time, text: z.string() })).readonly(),
  linesBefore: z.int().nullable().describe('There are earlier lines, before this number; null: these are all.'),
});

export const linesToShowSchema = z.object({
  lines: z.coerce.number().int().min(0).max(10_000).default(20).describe('Last lines of its log.'),
  before: z.coerce.number().int().min(0).optional().describe('Only lines before this number: `linesBefore` of an answer before.'),
});

export const actionSchema = z.object({
  id: z.string(),
  at: time,
  operator: z.string(),
  source: z.string().optional().describe('Where it came from: `command line`, `operations API`, `job <id>`.'),
  verb: z.string(),
  arguments: json,
  reason: z.string().optional(),
  before: z.unknown().optional(),
  correlationId: z.string(),
  outcome: z
    .object({ at: time, succeeded: z.boolean(), after: z.unknown().optional(), error: z.string().optional() })
    .optional()
    .describe('Absent: it is under way, or its process was killed.'),
});

const limit = z.coerce.number().int().min(1).max(100_000);
const verb = z.string().optional().describe('Only of this verb, as on the command line, e.g. `projection rebuild`.');

export const jobFilterSchema = z.object({
  state: z
    .union([jobStates, z.array(jobStates)])
    .transform((given) => [given].flat())
    .optional()
    .describe('Only jobs in these states; may be repeated.'),
  verb,
  before: z.string().max(1_000).optional().describe('`createdAt,id` of the last one of the list before, to go on there.'),
  limit: limit.default(20).describe('How many at most.'),
});

/** A time that somebody asks by, as what is asked reads it: not every time and offset of ISO 8601 is one of PostgreSQL. */
export const askedTime = z.iso.datetime({ offset: true }).transform((text, context) => {
  try {
    return checkTime(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'is no time that can be read at' });
    return z.NEVER;
  }
});

export const actionFilterSchema = z.object({
  operator: z.string().optional().describe('Only of this operator.'),
  verb,
  since: askedTime.optional().describe('Not before: ISO 8601.'),
  before: z.string().max(1_000).optional().describe('`at,id` of the last one of the list before, to go on there.'),
  limit: limit.default(50).describe('How many at most.'),
});

/** Who does it and why: what the audit log notes. */
export const onBehalfSchema = z.strictObject({
  operator: z.string().trim().min(1).max(200),
  reason: z.string().trim().min(1).max(2_000).optional(),
});
