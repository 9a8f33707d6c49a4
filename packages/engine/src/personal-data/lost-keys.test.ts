import { defineEvents, type JsonObject, KirokuError } from '@kiroku/core';
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
  return {
    keys,
    write,
    lost: async (most = 10) => {
      const { lost, subjects } = await lostKeys(keys, (await log.readLog()).events, most);
      return { lost, subjects: subjects.length };
    },
  };
}

test('tells the subjects without a key, of those that were written about last', async () => {
  const { keys, lost } = await written('ada', 'bob', 'cleo', 'ada', 'dora');
  expect(await lost()).toEqual({ lost: [], subjects: 4 });
  for (const id of ['bob', 'ada']) keys.lose(id);
  await keys.forget('dora');
  expect(await lost()).toEqual({ lost: ['bob', 'ada'], subjects: 4 });
  expect(await lost(3)).toEqual({ lost: ['ada'], subjects: 3 });
});

test('tells whose key was lost also if there is another in its place, until it is restored', async () => {
  const { keys, write, lost } = await written('ada', 'bob');
  const key = await keys.keyFor('ada');
  keys.lose('ada');
  await write('ada');
  expect(await lost()).toEqual({ lost: ['ada'], subjects: 2 });
  keys.restore('ada', key);
  expect(await lost()).toEqual({ lost: [], subjects: 2 });
});

test('takes a key that does not open for lost, and nothing else that goes wrong', async () => {
  const { keys, lost } = await written('ada', 'bob');
  const find = keys.findKey.bind(keys);
  const failing = (code: 'KeyMissing' | 'KeyStoreUnavailable') => async (subject: string) => {
    if (subject === 'ada') throw new KirokuError(code, 'it is damaged');
    return find(subject);
  };
  keys.findKey = failing('KeyMissing');
  expect(await lost()).toEqual({ lost: ['ada'], subjects: 2 });
  keys.findKey = failing('KeyStoreUnavailable');
  await expect(lost()).rejects.toMatchObject({ code: 'KeyStoreUnavailable' });
});
