import { changeLogLevels, logLevels, type OperatingStores, readLogLevels, type ServiceAddress } from '@kiroku/operations';
import type { ZodApp } from '@kiroku/service';
import { z } from 'zod';
import { given, operatorOf } from './given.ts';
import { onBehalfSchema, problem, time } from './operations-schemas.ts';

const levelsSchema = z
  .array(
    z.object({
      service: z.string(),
      url: z.string(),
      level: z.string().optional().describe('Absent if the process cannot be reached.'),
      configured: z.string().optional().describe('What it falls back to.'),
      until: time.optional().describe('When it falls back; absent while it is the configured one.'),
      reason: z.string().optional().describe('Why it cannot be reached.'),
    }),
  )
  .readonly();

const changingSchema = onBehalfSchema.extend({
  service: z.string().max(200).optional().describe('Only of this service.').describe('Default: all that the gateway knows.'),
  level: z.enum([...logLevels, 'configured']).describe('`configured`: back to what it falls back to.'),
  forSeconds: z.int().min(1).max(86_400).optional().describe('Until it falls back by itself. Default: 600.'),
});

export interface LogLevelStores extends Pick<OperatingStores, 'audit'> {
  readonly addresses: readonly ServiceAddress[];
}

/** The levels of the logs of the services that the gateway knows, its own too. */
export function logLevelRoutes(api: ZodApp, stores: LogLevelStores): void {
  const response = { 200: levelsSchema, default: problem };
  api.get(
    '/log-levels',
    {
      schema: {
        operationId: 'listLogLevels',
        tags: ['logs'],
        summary: 'The level of the log of every process',
        querystring: z.object({ service: z.string().max(200).optional() }),
        response,
      },
    },
    async ({ query: { service } }) => readLogLevels(stores.addresses, service),
  );
  api.post(
    '/log-levels',
    {
      schema: {
        operationId: 'changeLogLevels',
        tags: ['logs'],
        summary: 'Change the level of logs for a time; the audit log notes who did',
        body: changingSchema,
        response,
      },
    },
    async ({ body: { operator, reason, level, ...rest } }) =>
      changeLogLevels(stores, { change: { level, ...given(rest) }, operator: operatorOf({ operator, reason }) }),
  );
}
