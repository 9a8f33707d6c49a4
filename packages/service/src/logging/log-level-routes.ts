import { KirokuError } from '@kiroku/core';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type LogLevel, logLevels } from './log-level.ts';

export const logLevelPath = '/log-level';

const changeSchema = z.union([
  z.strictObject({ level: z.enum(logLevels), forSeconds: z.int().min(1).max(86_400), by: z.string().max(200).optional() }),
  z.strictObject({ reset: z.literal(true), by: z.string().max(200).optional() }),
]);

/** The log level of this process: GET tells it, PUT changes it for a time. The verb `logs level` uses them, and audits what it changes. */
export async function logLevelRoutes(app: FastifyInstance, { levelOfLog }: { readonly levelOfLog: LogLevel }): Promise<void> {
  const hide = { schema: { hide: true } };
  app.get(logLevelPath, hide, async (_request, reply) => reply.header('cache-control', 'no-store').send(levelOfLog.state));
  app.put(logLevelPath, hide, async ({ body }) => {
    const change = changeSchema.safeParse(body);
    if (!change.success)
      throw new KirokuError(
        'BadRequest',
        `The log level was not changed. Send { "level": one of ${logLevels.join(', ')}, "forSeconds": 1 to 86400 } or { "reset": true }.`,
      );
    if ('reset' in change.data) return levelOfLog.reset(change.data.by);
    const { level, forSeconds, by } = change.data;
    return levelOfLog.change({ level, forMs: forSeconds * 1_000, ...(by !== undefined && { by }) });
  });
}
