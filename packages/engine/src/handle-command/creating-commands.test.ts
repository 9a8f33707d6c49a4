import { command, defineAggregate, defineEvents, readEvents, reject } from '@kiroku/core';
import { anySchema, InMemoryEventStore, InMemoryKeyStore } from '@kiroku/testing';
import { v7 as uuid } from 'uuid';
import { describe, expect, test, vi } from 'vitest';
import { encryptedEventStore } from '../personal-data/encrypted-event-store.ts';
import { createCommandHandler } from './create-command-handler.ts';

interface Guest {
  readonly id: string;
  readonly name: string;
}
const tagOf = ({ name }: Guest) => `name:${name.length}`;
const events = defineEvents({
  Arrived: { schema: anySchema<Guest>(), tags: (data) => [tagOf(data)], personal: { subject: ({ id }) => id, fields: ['name'] } },
});
const guest = defineAggregate({
  name: 'guest',
  events,
  initialState: undefined as string | undefined, // widens
  evolve: { Arrived: (_, { data }) => data.name },
  commands: {
    Arrive: command({
      schema: anySchema<Guest>(),
      target: ({ id }) => id,
      creates: true,
      reads: (data) => ({
        sameLength: readEvents({ events, query: [{ tags: [tagOf(data)] }], initial: 0, fold: { Arrived: (count) => count + 1 } }),
      }),
    }),
    Greet: command({ schema: anySchema<Guest>(), target: ({ id }) => id }),
  },
  decide: {
    Arrive: (name, { data }, { sameLength }) => {
      if (name !== undefined) return reject('IsHere', `${name} is here.`);
      return sameLength > 0 ? reject('LengthTaken', 'Somebody has a name as long.') : [{ type: 'Arrived', data }];
    },
    Greet: (name) => reject('Hello', `Hello ${name}.`),
  },
});

function hotel({ maxAttempts }: { readonly maxAttempts?: number } = {}) {
  const [log, keys] = [new InMemoryEventStore(), new InMemoryKeyStore()];
  const eventStore = encryptedEventStore(log, { aggregates: [guest], keys, keyCache: { maxAgeMs: 0 } });
  const open = () =>
    createCommandHandler({ aggregates: [guest], eventStore, ...(maxAttempts && { maxAttempts }), conflictPauseMs: () => 0 });
  return { eventStore, keys, open, handle: open(), reads: vi.spyOn(eventStore, 'readStream') };
}

function arrive(id: string, name: string) {
  return { type: 'Arrive', data: { id, name }, id: uuid(), at: '2026-11-27T10:00:00.000Z', metadata: {} };
}

describe('a command that creates its stream', () => {
  test('is decided without a look at it, and the next one on what it has led to', async () => {
    const { handle, reads } = hotel();
    expect(await handle(arrive('1', 'Ada'))).toMatchObject({ outcome: 'accepted', version: 1, events: ['Arrived'] });
    expect(await handle({ ...arrive('2', 'Bo'), type: 'Arrive' })).toMatchObject({ outcome: 'accepted', version: 1 });
    expect(reads).not.toHaveBeenCalled();
    expect(await handle({ ...arrive('1', ''), type: 'Greet' })).toMatchObject({ rejection: { message: 'Hello Ada.' } });
  });

  test.each([{ maxAttempts: 20 }, { maxAttempts: 1 }])(
    'is decided on what is there, if something is ($maxAttempts attempts)',
    async (options) => {
      const { handle, open, keys } = hotel(options);
      await handle(arrive('1', 'Ada'));
      const key = await keys.findKey('1');
      for (const each of [handle, open()]) {
        expect(await each(arrive('1', 'Grace'))).toMatchObject({ outcome: 'rejected', rejection: { message: 'Ada is here.' } });
      }
      expect(await keys.findKey('1')).toEqual(key);
    },
  );

  test('is refused for something else without a key made', async () => {
    const { handle, open, keys } = hotel();
    await handle(arrive('1', 'Ada'));
    expect(await open()(arrive('2', 'Eva'))).toMatchObject({ outcome: 'rejected', rejection: { code: 'LengthTaken' } });
    expect(await keys.findKey('2')).toBeUndefined();
  });

  test('is refused for a lost key where somebody is, and does no harm: the key is restored beside the one that it has made', async () => {
    const { handle, open, keys, eventStore } = hotel();
    await handle(arrive('1', 'Ada'));
    const lost = await keys.keyFor('1');
    keys.lose('1');
    await expect(open()(arrive('1', 'Grace'))).rejects.toMatchObject({ code: 'KeyMissing', details: { position: 1, subject: '1' } });
    expect(await eventStore.head()).toMatchObject({ position: 1 });
    keys.restore('1', lost);
    expect(await open()(arrive('1', 'Grace'))).toMatchObject({ rejection: { message: 'Ada is here.' } });
  });

  test('is refused as any other where somebody was who is forgotten', async () => {
    const { handle, open, keys } = hotel();
    await handle(arrive('1', 'Ada'));
    await keys.forget('1');
    expect(await open()(arrive('1', 'Grace'))).toMatchObject({ rejection: { message: '(forgotten) is here.' } });
    await keys.forget('2');
    await expect(handle(arrive('2', 'Bo'))).rejects.toMatchObject({ code: 'SubjectForgotten' });
  });

  test('gets its first result when it comes again', async () => {
    const { handle, open } = hotel();
    const sent = arrive('1', 'Ada');
    const first = await handle(sent);
    for (const each of [handle, open()]) expect(await each(sent)).toEqual({ ...first, duplicate: true });
  });

  test('lets one of many through, in whichever process', async () => {
    const { open, eventStore } = hotel();
    const results = await Promise.all(Array.from({ length: 30 }, (_, n) => open()(arrive('1', 'x'.repeat(n + 1)))));
    expect(results.filter(({ outcome }) => outcome === 'accepted')).toHaveLength(1);
    expect(await eventStore.readStream('guest-1')).toHaveLength(1);
  });
});
