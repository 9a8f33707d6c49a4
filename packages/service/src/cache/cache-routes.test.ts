import { setTimeout as sleep } from 'node:timers/promises';
import { KirokuError, rowsWithKeys } from '@kiroku/core';
import { ledger } from '@kiroku/testing';
import { afterEach, expect, test, vi } from 'vitest';
import { Health } from '../health/health.ts';
import { createApp } from '../http/create-app.ts';
import { createLogger } from '../logging/create-logger.ts';
import { Metrics } from '../metrics/metrics.ts';
import { AnswerCache, answerKey } from './answer-cache.ts';
import { cacheRoutes } from './cache-routes.ts';
import { ReadModelChanges } from './read-model-changes.ts';
import { type Warmup, warmUp } from './warm-up.ts';

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const app of opened.splice(0)) await app.close();
});

const ids = (count: number) => Array.from({ length: count }, (_, n) => n);

/** A process that keeps answers about accounts, and has not said yet that it is ready. */
async function serve({ maxBytes = 100_000, fault = false } = {}) {
  const changes = new ReadModelChanges({ projections: [ledger] });
  changes.hear({ kind: 'reading', projection: ledger.name, version: 1, build: 1, positions: [10] });
  changes.hear({ kind: 'current' });
  const onLookup = vi.fn();
  const cache = new AnswerCache({ changes, maxBytes, onLookup });
  let [underWay, most] = [0, 0];
  const read = vi.fn(async (id: number) => {
    most = Math.max(most, ++underWay);
    await sleep(1);
    underWay--;
    if (fault && id === 3) throw new KirokuError('ServiceUnavailable', 'The query service cannot be reached.');
    return { position: 10, value: id, dependencies: [rowsWithKeys(ledger, 'account', [{ id: `${id}` }])], bytes: 1 };
  });
  const asked = (id: number) => ({ key: answerKey('account', { id }), reads: [ledger] });
  const accounts: Warmup = async ({ cache: keeper, limit, each }) => {
    await each(ids(50).slice(0, limit), (id) => keeper.answer(asked(id), () => read(id)));
    return limit >= 50;
  };
  const warmups = { accounts };
  const logger = createLogger({ service: 'shop', instance: 'a', level: 'silent', format: 'json' });
  const metrics = new Metrics({ service: 'shop' });
  const app = createApp({ logger, health: new Health({ service: 'shop', instance: 'a' }), metrics });
  opened.push(app);
  await app.register(cacheRoutes, { cache, queries: ['account', 'accounts'], warmups });
  return {
    app,
    cache,
    warmups,
    read,
    onLookup,
    metrics,
    most: () => most,
    get: async () => (await app.inject('/cache')).json(),
    post: async (path: string, payload: object | string) => (await app.inject({ method: 'POST', url: `/cache/${path}`, payload })).json(),
    ask: async (id: number) => (await cache.answer(asked(id), () => read(id))).value,
  };
}

const context = { correlationId: 'c' };
const nobodyLeft = new AbortController().signal;

test('a cache is told of, filled and cleared while the service is not ready, too, and none of it counts as a request', async () => {
  const { get, post, metrics } = await serve();
  expect(await post('warmup', { entities: ['accounts'], limit: 20, by: 'ada' })).toEqual({
    entities: [{ entity: 'accounts', asked: 20, kept: 20, all: false }],
  });
  expect(await get()).toMatchObject({ entries: 20, maxBytes: 100_000, queries: ['account', 'accounts'], entities: ['accounts'] });
  expect(await post('clear', { query: 'accounts' })).toEqual({ cleared: 0 });
  expect(await post('clear', { query: 'account' })).toEqual({ cleared: 20 });
  expect(await post('clear', {})).toEqual({ cleared: 0 });
  expect(await metrics.text()).not.toMatch(/kiroku_http_requests_total\{.*cache/);
});

test('what was warmed up is there for those who ask, and was counted as nobody’s', async () => {
  const { post, ask, read, cache, onLookup } = await serve();
  await post('warmup', { entities: ['accounts', 'accounts'], limit: 1_000 });
  expect(read).toHaveBeenCalledTimes(50);
  expect(cache.stats).toMatchObject({ entries: 50, hits: 0, misses: 0 });
  expect(onLookup).not.toHaveBeenCalled();
  expect(await ask(7)).toBe(7);
  expect(read).toHaveBeenCalledTimes(50);
  expect(cache.stats).toMatchObject({ hits: 1 });
});

test('eight are asked for at a time', async () => {
  const { post, most } = await serve();
  await post('warmup', { entities: ['accounts'], limit: 50 });
  expect(most()).toBe(8);
});

test('of more than there is room for, it says how much stayed', async () => {
  const { post } = await serve({ maxBytes: 1_000 });
  const { entities } = await post('warmup', { entities: ['accounts'], limit: 50 });
  expect(entities).toMatchObject([{ asked: 50, all: true }]);
  expect(entities[0].kept).toBeLessThan(12);
});

test('a fault ends it, and is told', async () => {
  const { post, read } = await serve({ fault: true });
  expect(await post('warmup', { entities: ['accounts'], limit: 50 })).toMatchObject({ status: 503, code: 'ServiceUnavailable' });
  const asked = read.mock.calls.length;
  expect(asked).toBeLessThan(20);
  await sleep(10);
  expect(read).toHaveBeenCalledTimes(asked);
});

test('after its time nothing more is asked, and it says that there is more', async () => {
  const { cache, warmups, read } = await serve();
  const warmed = await warmUp(cache, warmups, { entities: ['accounts'], limit: 50, context, signal: nobodyLeft, withinMs: -1 });
  expect(warmed).toEqual([{ entity: 'accounts', asked: 0, kept: 0, all: false }]);
  expect(read).not.toHaveBeenCalled();
});

test('nothing more is asked once nobody waits for it', async () => {
  const { cache, warmups, read } = await serve();
  const left = new AbortController();
  read.mockImplementationOnce(async () => {
    left.abort(new Error('gone'));
    return { position: 10, value: 0, dependencies: [], bytes: 1 };
  });
  const warming = warmUp(cache, warmups, { entities: ['accounts'], limit: 50, context, signal: left.signal });
  await expect(warming).rejects.toThrow('gone');
  expect(read.mock.calls.length).toBeLessThanOrEqual(8);
});

test.each([
  ['clear', { query: 'acount' }, 'NotFound', 'There is no query "acount" here. There are: account, accounts.'],
  ['clear', { everything: true }, 'BadRequest', 'Nothing was cleared'],
  ['clear', 'text', 'BadRequest', 'not sent as JSON'],
  ['warmup', { entities: ['books'], limit: 1 }, 'NotFound', 'There is no entity "books" here. There are: accounts.'],
  ['warmup', { entities: [], limit: 1 }, 'BadRequest', 'Nothing was asked for'],
  ['warmup', { entities: ['accounts'], limit: 0 }, 'BadRequest', 'Nothing was asked for'],
])('%s of %j is refused', async (path, payload, code, message) => {
  const { post, read } = await serve();
  expect(await post(path, payload)).toMatchObject({ code, detail: expect.stringContaining(message) });
  expect(read).not.toHaveBeenCalled();
});

test('a process that keeps no answers is not filled', async () => {
  const { post } = await serve({ maxBytes: 0 });
  expect(await post('warmup', { entities: ['accounts'], limit: 1 })).toMatchObject({
    code: 'BadRequest',
    detail: expect.stringContaining('QUERY_CACHE_MB is 0'),
  });
});
