import { z } from 'zod';
import { onBehalfSchema, time } from './operations-schemas.ts';

const status = z.enum(['running', 'done', 'failed']);
const text = z.string().nullable();
const processManager = z.string().min(1).optional().describe('Needed if several process managers have a saga of this id.');

export const sagaFilterSchema = z.object({
  state: z
    .enum([...status.options, 'stuck'])
    .optional()
    .describe('`stuck`: running, with a parked command.'),
  processManager: z.string().optional().describe('Only of this process manager.'),
  before: z
    .string()
    .max(4_000)
    .optional()
    .describe(
      '`movedAt,processManager,id` of the last one of the list before, each percent-encoded, to go on there (`movedAt`: its end, or else when it was updated); or a time: only those that moved before it.',
    ),
  limit: z.coerce.number().int().min(1).max(100_000).default(20).describe('How many at most.'),
});

export const listedSagaSchema = z.object({
  processManager: z.string(),
  id: z.string(),
  status,
  failure: text,
  phase: text.describe('Where it stands.'),
  step: text,
  reason: text.describe('Why it was given up.'),
  startedAt: time,
  updatedAt: time,
  endedAt: time.nullable(),
  parked: z.number().describe('Commands that wait for somebody to retry them.'),
  lastError: text.describe('Of the last command that is tried again, or parked.'),
});

export const chosenSagaSchema = z.object({ processManager });

export const sagaToShowSchema = chosenSagaSchema.extend({
  lines: z.coerce.number().int().min(0).max(10_000).default(200).describe('Lines of the timeline at most, the last ones.'),
  before: z.coerce.number().int().min(0).optional().describe('Only lines before this number: `historyBefore` of an answer before.'),
});

const stepKinds = z.enum(['event', 'command', 'accepted', 'rejected', 'timer', 'operator', 'done', 'failed', 'resumed', 'parked', 'fault']);

export const shownSagaSchema = z.object({
  processManager: z.string(),
  id: z.string(),
  status,
  failure: text,
  state: z.record(z.string(), z.unknown()),
  startedAt: time,
  updatedAt: time,
  endedAt: time.nullable(),
  history: z.array(z.object({ number: z.int(), at: time, kind: stepKinds, what: z.string(), reference: text })).readonly(),
  historyBefore: z.int().nullable().describe('There are earlier lines, before this number; null: these are all.'),
  commands: z
    .array(z.object({ id: z.string(), type: z.string(), sentAt: time, attempts: z.number(), parked: z.boolean(), lastError: text }))
    .readonly()
    .describe('Sent, and without an outcome.'),
  timers: z.array(z.object({ name: z.string(), dueAt: time })).readonly(),
});

export const sagaStatsSchema = z.object({
  processManager: z.string(),
  started: z.number(),
  running: z.number(),
  completed: z.number(),
  compensated: z.number(),
  failed: z.number(),
  stuck: z.number().describe('Running, with a parked command.'),
  oldestRunning: time.nullable(),
  completionRate: z.number().optional().describe('From 0 to 1: the share of those that ended, or failed, that ended whole.'),
});

export const plannedSagaSchema = z.object({ plan: z.array(z.string()).readonly() });

export const diagramSchema = z.object({ name: z.string(), diagram: z.string().describe('A Mermaid flowchart.') });

export const steeringSagaSchema = onBehalfSchema.extend({ processManager });
