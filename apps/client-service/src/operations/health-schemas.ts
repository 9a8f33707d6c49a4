import { z } from 'zod';
import { time } from './operations-schemas.ts';
import { projectionSchema } from './projection-schemas.ts';

const latencyMs = z.number().optional().describe('Milliseconds until it had answered; absent if it did not.');
const since = time.optional().describe('Since when it is in that state, as it says itself.');
const reason = z.string().optional().describe('What is wrong.');

const service = z.object({
  name: z.string(),
  url: z.string(),
  state: z.string().describe('`starting`, `ready`, `degraded`, `unready`, `draining`, `stopping`; `unreachable` if it does not answer.'),
  ready: z.boolean(),
  latencyMs,
  since,
  reason,
  dependencies: z.array(z.object({ name: z.string(), state: z.string().describe('`up` or `down`.'), latencyMs, since, reason })).readonly(),
});

const database = z.object({
  name: z.enum(['event_store', 'command_db', 'query_db']),
  reachable: z.boolean(),
  migration: z.int().describe('Number of the last that is applied.'),
  pending: z.int().describe('Migrations still to apply.'),
  latencyMs,
  reason,
  warning: z.string().optional().describe('What will go wrong if nothing is done.'),
});

const work = z.object({
  name: z.string().describe('`process manager fulfilment`, `timers of fulfilment`, `command delivery`, `jobs`, `consumer billing`.'),
  state: z.enum(['running', 'behind', 'failing', 'unknown', 'stalled', 'orphaned', 'missing']),
  reason,
});

export const healthSchema = z.object({
  state: z.enum(['healthy', 'degraded', 'unhealthy']),
  healthy: z.boolean(),
  services: z.array(service).readonly().describe('Those that the gateway knows of, with itself.'),
  databases: z.array(database).readonly(),
  projections: z.array(projectionSchema).readonly().optional().describe('Absent if the databases do not let them be looked at.'),
  work: z.array(work).readonly().optional().describe('What works in the background; absent likewise.'),
  unseen: z
    .array(z.object({ name: z.enum(['projections', 'background work']), reason: z.string() }))
    .readonly()
    .optional()
    .describe('What could not be looked at though the databases can be used.'),
});
