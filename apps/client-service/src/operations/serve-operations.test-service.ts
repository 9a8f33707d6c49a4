import type { OperationsClientOptions } from '@kiroku/client';
import { createApp, createLogger, Health } from '@kiroku/service';
import { type OperationsApiOptions, operationsApi } from './operations-api.ts';

/** The operations API over these stores, listening, and what its clients need to know. */
export async function serveOperations(options: OperationsApiOptions): Promise<OperationsClientOptions & AsyncDisposable> {
  const health = new Health({ service: 'client-service', instance: 'test' });
  health.ready();
  const logger = createLogger({ service: 'client-service', instance: 'test', level: 'silent', format: 'json' });
  const app = createApp({ logger, health });
  await app.register(operationsApi, { prefix: '/operations', ...options });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  return { url, operator: { name: 'ada', reason: 'drill' }, [Symbol.asyncDispose]: () => app.close() };
}
