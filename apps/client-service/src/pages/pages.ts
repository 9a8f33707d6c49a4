import { readFile } from 'node:fs/promises';
import { AltairFastify } from 'altair-fastify-plugin';
import type { FastifyInstance } from 'fastify';
import { firstQuery } from './first-query.ts';

/** `/` (where to begin), `/altair` (write and run queries; works offline) and `/schema.graphql`. */
export async function pages(app: FastifyInstance, { schema }: { readonly schema: string }): Promise<void> {
  const landing = await readFile(new URL('../../public/index.html', import.meta.url)); // the same file from src and from dist
  app.get('/', async (_request, reply) => reply.type('text/html; charset=utf-8').send(landing));
  app.get('/schema.graphql', async (_request, reply) => reply.type('text/plain; charset=utf-8').send(schema));
  await app.register(AltairFastify, {
    path: '/altair',
    baseURL: '/altair/',
    endpointURL: '/graphql',
    subscriptionsEndpoint: '/graphql',
    initialSubscriptionRequestHandlerId: 'graphql-ws',
    initialName: 'Kiroku shop',
    initialQuery: firstQuery,
  });
}
