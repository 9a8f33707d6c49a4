import type { SpanDescription, Tracing } from '@kiroku/service';
import Fastify from 'fastify';
import mercurius from 'mercurius';
import { expect, it } from 'vitest';
import type { GatewayContext } from './context.ts';
import { GatewayError } from './gateway-error.ts';
import { traceOperations } from './trace-operations.ts';

const under = { traceparent: `00-${'a'.repeat(32)}-${'c'.repeat(16)}-01` };

async function traced(payload: object) {
  const spans: (SpanDescription & { failure?: string; ended?: boolean })[] = [];
  const begin = (described: SpanDescription) => {
    const span: (typeof spans)[number] = { ...described };
    spans.push(span);
    return {
      context: under,
      failedWith: (failure: string) => Object.assign(span, { failure }),
      end: () => Object.assign(span, { ended: true }),
    };
  };
  const asked: unknown[] = [];
  const fail = (kind: 'fault' | 'rejection') => () => {
    throw new GatewayError('for ada@example.com', { code: 'Any', kind });
  };
  const app = Fastify();
  await app.register(mercurius, {
    schema: 'type Query { cup(name: String): String broken: String refused: String }',
    resolvers: {
      Query: {
        cup: (_: unknown, _given: unknown, { request }: GatewayContext) => asked.push(request),
        broken: fail('fault'),
        refused: fail('rejection'),
      },
    },
    context: () => ({ request: { correlationId: 'c-1', tracestate: 'rojo=1' } }),
    jit: 1,
  });
  traceOperations(app, { begin } as unknown as Tracing); // stands for the real one, of which it needs no more
  await app.inject({ method: 'POST', url: '/graphql', payload });
  await app.close();
  return { spans, asked };
}

it('an operation is a span, below its request, and above what it asks of the services', async () => {
  const query = 'query Mine($name: String) { cup(name: $name) } query Other { broken }';
  const { spans, asked } = await traced({ query, operationName: 'Mine', variables: { name: 'Ada' } });
  expect(spans).toEqual([
    {
      name: 'query',
      parent: { correlationId: 'c-1', tracestate: 'rojo=1' },
      attributes: { 'graphql.operation.type': 'query', 'graphql.operation.name': 'Mine', 'kiroku.graphql.fields': ['cup'] },
      ended: true,
    },
  ]);
  expect(asked).toEqual([{ correlationId: 'c-1', tracestate: 'rojo=1', ...under }]);
});

it.each([
  ['{ broken }', 'fault'],
  ['{ refused }', undefined],
])('%s is a failure only if something is broken', async (query, failure) => {
  expect((await traced({ query })).spans).toMatchObject([{ ended: true, ...(failure && { failure }) }]);
  expect((await traced({ query })).spans[0]?.failure).toBe(failure);
});

it('what is no operation makes no span', async () => {
  expect((await traced({ query: '{ nothing }' })).spans).toEqual([]);
});
