import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type TestServer, testServer } from './test-server.ts';
import { throwAwayDatabase } from './throw-away-database.ts';

beforeEach(() => {
  vi.stubEnv('KIROKU_TEST_RUN', undefined);
  vi.stubEnv('KIROKU_TEST_DATABASE_URL', undefined);
});
afterEach(() => vi.unstubAllEnvs());

const pretended = (told: string[]): TestServer => ({
  url: 'postgres://test@127.0.0.1:1/postgres',
  start: async () => void told.push('started'),
  stop: async () => void told.push('stopped'),
});

test('a test run has a server of its own, which is gone after it', async () => {
  const told: string[] = [];
  const tearDown = await testServer(() => pretended(told));
  expect(process.env.KIROKU_TEST_DATABASE_URL).toBe('postgres://test@127.0.0.1:1/postgres');
  expect(told).toEqual(['started']);
  await tearDown();
  expect(told).toEqual(['started', 'stopped']);
});

test('projects of one run share its server', async () => {
  const told: string[] = [];
  const tearDown = await testServer(() => pretended(told));
  await (await testServer(() => pretended(told)))();
  expect(told).toEqual(['started']);
  await tearDown();
});

test('a server that does not start leaves nothing, and the next one is tried', async () => {
  const directories: string[] = [];
  const told: string[] = [];
  const failing = testServer(({ directory }) => {
    directories.push(dirname(directory));
    return { ...pretended(told), start: () => Promise.reject(new Error('the port is taken')) };
  });
  await expect(failing).rejects.toThrow('the port is taken');
  await expect(stat(directories[0] ?? '')).rejects.toMatchObject({ code: 'ENOENT' });
  await (await testServer(() => pretended(told)))();
  expect(told).toEqual(['stopped', 'started', 'stopped']);
});

test('without a server, a database says how to get one', async () => {
  const asked = throwAwayDatabase('event_store', async () => undefined);
  await expect(asked).rejects.toThrow(/globalSetup.*testServer/);
});
