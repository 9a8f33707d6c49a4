import { connect, createServer, type Socket } from 'node:net';
import type { LogIdentity, ReadModelAdvance } from '@kiroku/core';
import { ledger, throwAwayDatabase } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { migrate } from '../migrate/migrate.ts';
import { createPool } from '../pool.ts';
import { PostgresReadModelStore } from './postgres-read-model-store.ts';

const log: LogIdentity = { id: '0199f0a0-0000-7000-8000-000000000001', timeline: 1 };

/** A way to a database that can go dead without a word, as one through a firewall that forgets idle connections. */
async function way(url: string) {
  const to = new URL(url);
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(to.port), to.hostname);
    for (const socket of [near, far]) {
      socket.on('error', () => undefined);
      socket.on('close', () => open.delete(socket));
      open.add(socket);
    }
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const from = new URL(url);
  from.hostname = '127.0.0.1';
  from.port = String(typeof address === 'object' && address?.port);
  return {
    url: from.href,
    /** Of the connections that are open nothing comes through any more. */
    goDead: () => {
      for (const socket of open) socket.unpipe().pause();
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('advances are heard again after the listening connection went dead without a word, and it is said that they were not meanwhile', async () => {
  await using database = await throwAwayDatabase('query_db', migrate);
  await using pool = createPool({ url: database.serviceUrl, applicationName: 'kiroku-tests' });
  const writing = new PostgresReadModelStore({ pool });
  await writing.prepare(ledger, log);
  const [lease] = await writing.attend({ instance: 'test', projections: [ledger], leaseMs: 60_000 });
  if (lease === undefined) throw new Error('the build has a partition');
  const moveTo = (position: number) =>
    writing.apply({ lease, after: position - 1, position, log, touched: {}, fold: () => ({ changes: [], parks: [] }) });

  await using reading = await way(database.serviceUrl);
  await using far = createPool({ url: reading.url, applicationName: 'kiroku-tests' });
  const leaving = new AbortController();
  const states: boolean[] = [];
  const told: ReadModelAdvance[] = [];
  const end = (async () => {
    const store = new PostgresReadModelStore({ pool: far });
    for await (const advance of store.advances(leaving.signal, (isListening) => states.push(isListening))) told.push(advance);
  })();
  await expect.poll(() => states).toEqual([true]);
  await moveTo(1);
  await expect.poll(() => told).toMatchObject([{ position: 1 }]);

  reading.goDead();
  await moveTo(2);
  await expect.poll(() => states).toEqual([true, false, true]);
  await moveTo(3);
  await expect.poll(() => told).toMatchObject([{ position: 1 }, { position: 3 }]);
  leaving.abort();
  await end;
});
