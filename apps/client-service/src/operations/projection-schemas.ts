import { z } from 'zod';
import { jobStates, onBehalfSchema, time } from './operations-schemas.ts';

const state = z.enum(['live', 'catching up', 'stalled', 'paused', 'orphaned', 'building', 'not built', 'unused', 'unknown']);
const lag = z
  .object({ events: z.number(), seconds: z.number() })
  .describe('Behind the head of the log; seconds: the age of the first event not applied.');
const fault = z.object({ code: z.string(), message: z.string(), stack: z.string().optional() });
const buildState = z.enum(['building', 'ready', 'retired']);

export const projectionSchema = z.object({
  projection: z.string(),
  version: z.int(),
  declared: z.boolean().describe('By the code of the gateway.'),
  state,
  reason: z.string().optional(),
  activeBuild: z.int().optional().describe('What queries read.'),
  pausedAt: time.optional(),
  position: z.number().describe('Of its slowest partition.'),
  lag: lag.optional().describe('Behind the head of the log, its slowest partition; absent if the log cannot be read.'),
  unseen: z.string().optional().describe('Why the log cannot be read.'),
  parkedKeys: z.number(),
  owners: z.array(z.string()).readonly(),
  underWay: z
    .object({
      build: z.int(),
      job: z
        .object({
          id: z.string(),
          state: jobStates,
          progress: z.object({ done: z.number(), total: z.number().optional(), unit: z.string() }).optional(),
          rate: z.number().optional(),
          etaSeconds: z.number().optional(),
        })
        .optional(),
    })
    .optional(),
  stalledBuilds: z
    .array(z.object({ build: z.int(), reason: z.string() }))
    .readonly()
    .optional()
    .describe('Kept beside the one that is read.'),
  spareBuilds: z.array(z.int()).readonly().optional().describe('Followed, though neither queries read them nor a rollback leads to them.'),
  size: z.object({ rows: z.number(), estimated: z.boolean(), bytes: z.number() }),
});

export const parkedKeySchema = z.object({
  projection: z.string(),
  version: z.int(),
  build: z.int(),
  partition: z.int(),
  table: z.string(),
  keyText: z.string(),
  key: z.record(z.string(), z.unknown()).optional(),
  position: z.number(),
  eventType: z.string(),
  fault,
  events: z.number().describe('That were not folded: the one that failed, and those that wait behind it.'),
  attempts: z.number(),
  parkedAt: time,
  triedAt: time,
});

const buildSchema = z.object({
  projection: z.string(),
  version: z.int(),
  build: z.int(),
  state: buildState,
  active: z.boolean(),
  job: z.string().optional(),
  log: z.object({ id: z.string(), timeline: z.int() }),
  partitions: z
    .array(
      z.object({
        partition: z.int(),
        position: z.number(),
        movedAt: time,
        epoch: z.number(),
        owner: z.string().optional(),
        stalled: z.object({ reason: z.string(), since: time }).optional(),
        lag,
      }),
    )
    .readonly(),
  parkedKeys: z.number(),
  createdAt: time,
  readyAt: time.optional(),
  retiredAt: time.optional(),
  tables: z
    .array(
      z.object({
        table: z.string(),
        rows: z.object({ count: z.number(), estimated: z.boolean() }),
        tableBytes: z.number(),
        indexBytes: z.number(),
      }),
    )
    .readonly(),
});

export const shownProjectionSchema = z.object({
  projection: z.string(),
  head: z.number(),
  versions: z
    .array(
      projectionSchema.extend({
        previousBuild: z.int().optional(),
        switchedAt: time.optional(),
        instances: z.array(z.string()).readonly(),
        builds: z.array(buildSchema).readonly(),
        steps: z.array(z.string()).readonly().describe('What a switch back or a retirement would do.'),
      }),
    )
    .readonly(),
  parked: z.array(parkedKeySchema).readonly(),
});

export const parkedFilterSchema = z.object({
  projection: z.string().optional().describe('Only of this projection.'),
  after: z
    .string()
    .max(100_000)
    .optional()
    .describe(
      '`parkedAt,projection,version,build,table,keyText` of the last one of the list before, each percent-encoded, to go on there.',
    ),
  limit: z.coerce.number().int().min(1).max(100_000).default(100).describe('How many at most.'),
});

const names = z.array(z.string().min(1)).min(1).max(1_000);

export const pausingSchema = onBehalfSchema.extend({ names });

export const pausedVersionSchema = z.object({ projection: z.string(), version: z.int(), unchanged: z.boolean() });

export const settlingSchema = onBehalfSchema.extend({
  keys: z.union([names, z.literal('all')]).describe('`table/key`, or the key alone if one table has it.'),
});

export const settledKeySchema = z.object({
  build: z.int(),
  key: z.string(),
  outcome: z.enum(['free', 'parked', 'gone']),
  events: z.number(),
  fault: fault.extend({ position: z.number() }).optional(),
});

const chosen = z.union([names, z.literal('all')]).describe('Names of projections.');
const bounds = {
  memoryBytes: z.int().min(1_000_000).optional().describe('What the process may grow by.'),
  maxLagSeconds: z.number().min(0).optional().describe('It waits while live read models are further behind. 0: never.'),
  maxRate: z.int().min(1).optional().describe('Events of the log a second at most.'),
};

export const rebuildingSchema = onBehalfSchema.extend({
  projections: chosen,
  fromEventNumber: z.int().min(1).optional().describe('Only rows that events from here on touch are folded anew.'),
  fromInconsistency: z.boolean().optional().describe('Only rows that are not what their events make of them are folded anew.'),
  noSwitch: z.boolean().optional(),
  retire: z.boolean().optional().describe('Once the new build is read, retire those that are older than the one it replaces.'),
  parallel: z.int().min(1).optional().describe('Threads that fold side by side.'),
  ...bounds,
});

const count = z.coerce.number().int().min(1).optional();

export const rebuildPlanQuerySchema = z.object({
  projection: z
    .union([z.string(), z.array(z.string())])
    .transform((each) => [each].flat())
    .optional()
    .describe('Names of projections; may be repeated. Default: all.'),
  fromEventNumber: count.describe('Only rows that events from here on touch are folded anew.'),
  fromInconsistency: z.stringbool().optional().describe('Only rows that are not what their events make of them are folded anew.'),
  noSwitch: z.stringbool().optional().describe('Queries go on reading the build they read.'),
  retire: z.stringbool().optional().describe('Builds older than the one that is replaced are retired.'),
  parallel: count.describe('Threads that fold side by side.'),
  memoryBytes: count.describe('What the process may grow by.'),
  maxLagSeconds: z.coerce.number().min(0).optional().describe('It waits while live read models are further behind. 0: never.'),
  maxRate: count.describe('Events of the log a second at most.'),
});

export const rebuildPlanSchema = z.object({
  arguments: rebuildingSchema
    .omit({ operator: true, reason: true })
    .extend({ projections: z.array(z.object({ name: z.string(), version: z.int() })).readonly() }),
  projections: z
    .array(
      z.object({
        name: z.string(),
        version: z.int(),
        activeBuild: z.int().optional(),
        rows: z.number(),
        bytes: z.number(),
        followed: z.int().describe('Complete builds that there are already: every event is folded into each.'),
        retires: z.array(z.int()).readonly().describe('Of these, those that it retires once the new one is read.'),
      }),
    )
    .readonly()
    .describe('What is read now: about as much will be made.'),
  events: z.number().describe('Of the log.'),
  passes: z.number().describe('Over the log, so that the rows fit into the memory.'),
  rate: z.number().describe('Events a second.'),
  seconds: z.number(),
});

export const verifyingSchema = onBehalfSchema.extend({
  projections: chosen,
  fix: z.boolean().optional().describe('Write rows anew that are not what their events make of them.'),
  incremental: z.boolean().optional().describe('Go on from what the last such verification had folded.'),
  ...bounds,
});

export const switchingSchema = onBehalfSchema.extend({
  build: z.int().min(1).optional().describe('Default: the newest that is complete.'),
  force: z.boolean().optional().describe('Also if it has parked keys that the one being read has not.'),
});

export const rollingBackSchema = onBehalfSchema.extend({
  force: z.boolean().optional().describe('Also if it has parked keys that the one being read has not.'),
});

const build = z.coerce.number().int().min(1).optional();

export const switchQuerySchema = z.object({ build: build.describe('Default: the newest that is complete.') });

export const switchedSchema = z.object({ name: z.string(), version: z.int(), from: z.int().optional(), to: z.int() });

export const retiringSchema = onBehalfSchema.extend({
  build: z.int().min(1).optional().describe('Default: all that neither queries nor a rollback need.'),
  version: z.int().min(1).optional().describe('Default: the one of this code, the newest if that was not built.'),
});

export const retireQuerySchema = z.object({
  build: build.describe('Default: all that neither queries nor a rollback need.'),
  version: z.coerce.number().int().min(1).optional().describe('Default: the one of this code, the newest if that was not built.'),
});

export const retiredSchema = z.object({
  name: z.string(),
  version: z.int(),
  builds: z.array(z.object({ build: z.int(), tables: z.int(), bytes: z.number() })).readonly(),
});
