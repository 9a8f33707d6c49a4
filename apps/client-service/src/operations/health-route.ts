import type { HealthReport } from '@kiroku/operations';
import type { ZodApp } from '@kiroku/service';
import { healthSchema } from './health-schemas.ts';
import { problem } from './operations-schemas.ts';

/** How everything is that the gateway can see. What is ill is in the answer: it is always 200. */
export function healthRoute(api: ZodApp, look: () => Promise<HealthReport>): void {
  api.get(
    '/status',
    {
      schema: {
        operationId: 'showHealth',
        tags: ['health'],
        summary: 'Services with what they depend on, databases, projections, and what works in the background',
        response: { 200: healthSchema, default: problem },
      },
    },
    async (_request, reply) => {
      reply.header('cache-control', 'no-store');
      return await look();
    },
  );
}
