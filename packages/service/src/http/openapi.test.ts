import type { FastifyInstance } from 'fastify';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { Health } from '../health/health.ts';
import { createLogger } from '../logging/create-logger.ts';
import { createApp } from './create-app.ts';
import { withOpenApi } from './openapi.ts';

const opened: FastifyInstance[] = [];
afterEach(async () => {
  for (const app of opened.splice(0)) await app.close();
});

async function serving() {
  const health = new Health({ service: 'test', instance: 'test' });
  health.ready();
  const app = createApp({ logger: createLogger({ service: 'test', instance: 'test', level: 'silent', format: 'json' }), health });
  opened.push(app);
  return { app, api: await withOpenApi(app, { title: 'Test', version: '1', description: 'Counts.' }) };
}

/** A server whose route answers this, and says that it answers a count. */
async function answering(answer: unknown) {
  const { app, api } = await serving();
  api.get(
    '/count',
    { schema: { summary: 'How many there are', response: { 200: z.object({ count: z.int() }) } } },
    async () => answer as { count: number },
  );
  return await app.inject('/count');
}

test('an answer is what its schema says, and no more', async () => {
  expect((await answering({ count: 3, secret: 'not of the answer' })).json()).toEqual({ count: 3 });
});

test('an answer that is not what its schema says is a fault of the service, and not given', async () => {
  const answer = await answering({ count: 'three' });
  expect([answer.statusCode, answer.json().code]).toEqual([500, 'Internal']);
  expect(answer.body).not.toContain('three');
});

test('an answer that has a name is described by its schema', async () => {
  const { api } = await serving();
  const named = z.object({ ok: z.boolean() }).meta({ id: 'Done', description: 'It is done.' });
  api.post('/do', { schema: { response: { 200: named } } }, async () => ({ ok: true }));
  const document = (await api.inject('/openapi.json')).json();
  expect(document.paths['/do'].post.responses['200'].description).toBe('It is done.');
});

test('an answer is described by what its route is for, if nothing else describes it', async () => {
  await answering({ count: 3 });
  const document = (await opened[0]?.inject('/openapi.json'))?.json();
  expect(document.paths['/count'].get.responses['200'].description).toBe('How many there are.');
});
