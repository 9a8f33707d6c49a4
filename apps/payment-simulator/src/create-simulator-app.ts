import { type AppOptions, createApp, withOpenApi } from '@kiroku/service';
import type { FastifyInstance } from 'fastify';
import { Answering } from './routes/answering.ts';
import { type OperationRoutesOptions, operationRoutes } from './routes/operation-routes.ts';
import { steeringRoutes } from './routes/steering-routes.ts';

/** The simulator's HTTP server, without the file behind it. */
export async function createSimulatorApp(options: AppOptions & OperationRoutesOptions): Promise<FastifyInstance> {
  const app = createApp(options);
  const api = await withOpenApi(app, {
    title: 'Payment simulator',
    version: '1',
    description: 'Stands in for a payment service and a carrier. It takes no card data, and misbehaves when told to: PUT /behaviour.',
  });
  const answering = new Answering(options.misbehaviour);
  answering.endWith(app);
  operationRoutes(api, { ...options, answering });
  steeringRoutes(api, options);
  return app;
}
