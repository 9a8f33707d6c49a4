import type { AlertReport } from '@kiroku/operations';
import type { ZodApp } from '@kiroku/service';
import { z } from 'zod';
import { problem, time } from './operations-schemas.ts';

const alert = z.object({
  name: z.string(),
  severity: z.enum(['critical', 'warning', 'info']),
  state: z
    .enum(['pending', 'firing', 'resolved'])
    .describe(
      '`pending`: it holds, not yet for long enough. `resolved`: it fired within the last quarter of an hour, and holds no longer.',
    ),
  labels: z.record(z.string(), z.string()).describe('What it is about.'),
  summary: z.string().describe('What is wrong, in words.'),
  since: time.describe('Since when it is in that state.'),
  runbook: z.string().describe('Page of docs/runbooks.'),
});

const alertsSchema = z.object({
  at: time.describe('Of the last look.'),
  watchedSince: time.describe('Since when this gateway has looked: rates reach back no further.'),
  services: z
    .array(z.object({ service: z.string(), url: z.string(), up: z.boolean(), reason: z.string().optional().describe('Why it is not up.') }))
    .readonly()
    .describe('Those that are asked for their metrics.'),
  alerts: z.array(alert).readonly().describe('Firing, pending, resolved; of each the worst first.'),
  withoutData: z
    .array(z.object({ name: z.string(), metrics: z.array(z.string()).readonly() }))
    .readonly()
    .describe('Rules that say nothing, because no service tells these metrics.'),
});

/** What is wrong, as the gateway has seen it. A service that does not answer is in the answer: it is always 200. */
export function alertRoute(api: ZodApp, report: () => Promise<AlertReport>): void {
  api.get(
    '/alerts',
    {
      schema: {
        operationId: 'showAlerts',
        tags: ['health'],
        summary: 'Alerts that fire, are about to, or have just been resolved',
        response: { 200: alertsSchema, default: problem },
      },
    },
    async (_request, reply) => {
      reply.header('cache-control', 'no-store');
      return await report();
    },
  );
}
