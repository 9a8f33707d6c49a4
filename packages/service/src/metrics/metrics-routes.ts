import type { FastifyInstance } from 'fastify';
import type { Metrics } from './metrics.ts';

export const metricsPath = '/metrics';

/** `GET /metrics`, in the text format of Prometheus. */
export async function metricsRoutes(app: FastifyInstance, { metrics }: { readonly metrics: Metrics }): Promise<void> {
  // not part of the API that clients are generated from; scrapes that come together share one collection
  let collecting: Promise<string> | undefined;
  app.get(metricsPath, { schema: { hide: true } }, async (_request, reply) => {
    collecting ??= metrics.text().finally(() => {
      collecting = undefined;
    });
    return reply
      .header('content-type', metrics.contentType)
      .header('cache-control', 'no-store')
      .send(await collecting);
  });
}
