import { defineEvents, type JsonObject } from '@kiroku/core';
import { anySchema, InMemoryEventStore, InMemoryKeyStore } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { encryptedEventStore } from './encrypted-event-store.ts';
import { lostKeys } from './lost-keys.ts';

const subject = ({ id }: JsonObject) => id as string; // as written below
const events = defineEvents({ Named: { schema: anySchema<JsonObject>(), personal: { subject, fields: ['name'] } } });

async function written(...ids: readonly string[]) {
  const [log, keys] = [new InMemoryEventStore(), new InMemoryKeyStore()];
  const store = encryptedEventStore(log, { aggregates: [{ events }], keys, keyCache: { maxAgeMs: 0 } });
  const write = (...names: readonly string[]) =>
    store.append({
      streams: [{ stream: 'person-1', expectedVersion: 'any', events: names.map((id) => ({ type: 'Named', data: { id, name: 'x' } })) }],
    });
  await write(...ids);
  return { keys, write, lost: async (most = 10) => lostKeys(keys, (await log.readLog()).events, most) };
}

test('counts the subjects without a key, of those that were written about last', async () => {
  const { keys, lost } = await written('ada', 'bob', 'cleo', 'ada', 'dora');
  expect(await lost()).toEqual({ missing: 0, subjects: 4 });
  for (const id of ['bob', 'ada']) keys.lose(id);
  await keys.forget('dora');
  expect(await lost()).toEqual({ missing: 2, subjects: 4 });
  expect(await lost(3)).toEqual({ missing: 1, subjects: 3 });
});

test('counts whose key was lost also if there is another in its place, until it is restored', async () => {
  const { keys, write, lost } = await written('ada', 'bob');
  const key = await keys.keyFor('ada');
  keys.lose('ada');
  await write('ada');
  expect(await lost()).toEqual({ missing: 1, subjects: 2 });
  keys.restore('ada', key);
  expect(await lost()).toEqual({ missing: 0, subjects: 2 });
});
