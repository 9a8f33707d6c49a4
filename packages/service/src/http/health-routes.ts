import type { FastifyInstance } from 'fastify';
import type { Health } from '../health/health.ts';

/** `/health` (everything), `/health/ready` (may traffic come?), `/health/live` (is the process alive? depends on nothing). */
export async function healthRoutes(app: FastifyInstance, options: { readonly health: Health }): Promise<void> {
  const { health } = options;
  const hide = { schema: { hide: true } }; // not part of the API that clients are generated from
  const looks = { '/health': () => health.report(), '/health/ready': () => health.readiness() };
  for (const [path, look] of Object.entries(looks)) {
    app.get(path, hide, async (_request, reply) => {
      const report = await look();
      return reply
        .code(report.ready ? 200 : 503)
        .header('cache-control', 'no-store')
        .send(report);
    });
  }
  app.get('/health/live', hide, async (_request, reply) => reply.header('cache-control', 'no-store').send({ live: true }));
}
