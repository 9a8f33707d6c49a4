import { CheckpointWatch, createCommandHandler, encryptedEventStore, ProjectionWorker } from '@kiroku/engine';
import { createPool, migrate, PostgresEventStore, PostgresReadModelStore } from '@kiroku/postgres';
import { InMemoryKeyStore, throwAwayDatabase } from '@kiroku/testing';
import { v7 as uuid } from 'uuid';
import { expect, test } from 'vitest';
import { booksAsTheyChange, booksOf, desk } from './desk.ts';
import { library } from './library.ts';

test('what a member has is told as it changes, and a member who is forgotten has no name', async () => {
  await using events = await throwAwayDatabase('event_store', migrate);
  await using query = await throwAwayDatabase('query_db', migrate);
  await using log = new PostgresEventStore({ url: events.serviceUrl });
  await log.start();
  const keys = new InMemoryKeyStore();
  const eventStore = encryptedEventStore(log, { aggregates: library.aggregates, keys });
  const pool = createPool({ url: query.serviceUrl, applicationName: 'library-test' });
  const readModels = new PostgresReadModelStore({ pool });
  try {
    await using watch = new CheckpointWatch({ readModels, projections: [desk] });
    await using worker = new ProjectionWorker({ eventStore, readModels, projections: [desk], instance: 'test' });
    watch.start();
    await worker.start();
    const handle = createCommandHandler({ aggregates: library.aggregates, eventStore });
    const send = async (type: string, data: object) => {
      const result = await handle({ type, data, id: uuid(), at: '2026-01-01T00:00:00Z', metadata: {} });
      return result.outcome === 'accepted' ? result.position : Promise.reject(new Error(result.rejection.code));
    };

    const [memberId, checkoutId] = [uuid(), uuid()];
    const over = new AbortController();
    const told = booksAsTheyChange({ pool, watch }, memberId, over.signal);
    expect((await told.next()).value?.rows).toEqual([]);
    await send('JoinLibrary', { memberId, name: 'Hanako', email: 'hanako@example.org', card: 'adult' });
    const position = await send('CheckOutBook', { checkoutId, memberId, title: 'Emma', dueAt: '2026-02-01T00:00:00Z' });
    expect((await booksOf({ pool, watch }, memberId, position)).rows).toMatchObject([{ title: 'Emma', name: 'Hanako' }]);
    for await (const { rows } of told) if (rows[0]?.title === 'Emma') break;
    over.abort();

    const stored = await log.readStream(`member-${memberId}`);
    expect(JSON.stringify(stored)).not.toContain('Hanako');
    await keys.forget(memberId);
    const readable = encryptedEventStore(log, { aggregates: library.aggregates, keys }); // one that keeps no key from before
    expect((await readable.readStream(`member-${memberId}`))[0]?.data).toMatchObject({ name: '(forgotten)', card: 'adult' });
  } finally {
    await pool.end();
  }
});
