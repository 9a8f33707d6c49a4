import { encryptedEventStore } from '@kiroku/engine';
import { InMemoryEventStore, InMemoryKeyStore } from '@kiroku/testing';
import { describe, expect, test } from 'vitest';
import { keyState, meantSubject } from './key-state.ts';
import { lookInLog } from './look-in-log.ts';

const joined = { schema: undefined as never, personal: { subject: ({ id }: { readonly id: string }) => id, fields: ['name'] } }; // nothing is validated here
const aggregates = [{ name: 'member', events: { Joined: joined } }];

/** A log with events about `ada`, in a stream of this name, behind so many others. */
async function world({ stream = 'member-ada', others = 0 }: { readonly stream?: `${string}-${string}`; readonly others?: number } = {}) {
  const [log, keys] = [new InMemoryEventStore(), new InMemoryKeyStore()];
  const encrypted = encryptedEventStore(log, { aggregates, keys, keyCache: { maxAgeMs: 0 } });
  const append = (
    to: `${string}-${string}`,
    events: readonly { readonly type: string; readonly data: { readonly [name: string]: string } }[],
  ) => encrypted.append({ streams: [{ stream: to, expectedVersion: 'any', events }] });
  const join = () => append(stream, [{ type: 'Joined', data: { id: 'ada', name: 'Lovelace' } }]);
  await join();
  if (others > 0)
    await append(
      'lamp-1',
      Array.from({ length: others }, () => ({ type: 'Lit', data: {} })),
    );
  const look = (all: boolean) => lookInLog(log, { subject: 'ada', aggregates, all });
  const state = async (subject = 'ada') => keyState(keys, subject, await lookInLog(log, { subject, aggregates, all: true }));
  return { keys, join, look, state };
}

describe('in the log', () => {
  test('events of a subject are found in the streams of its name, however old; in others at the end of the log, or in all of it', async () => {
    expect(await (await world({ others: 2_000 })).look(false)).toMatchObject({ events: [{ type: 'Joined' }], looked: 2_001, whole: false });
    const elsewhere = await world({ stream: 'club-1', others: 2_000 });
    expect(await elsewhere.look(false)).toMatchObject({ events: [], whole: false });
    expect(await elsewhere.look(true)).toMatchObject({ events: [{ type: 'Joined' }], looked: 2_001, whole: true });
    expect(await (await world({ stream: 'club-1', others: 1_999 })).look(false)).toMatchObject({ events: [{}], whole: true });
  });
});

describe('the key of a subject', () => {
  test('is there, is lost, or was never made', async () => {
    const { keys, state } = await world();
    expect(await state()).toEqual({ state: 'key', anotherLost: false });
    keys.lose('ada');
    expect(await state()).toEqual({ state: 'lost' });
    expect(await state('bob')).toEqual({ state: 'unknown' });
    await keys.forget('ada');
    expect(await state()).toEqual({ state: 'forgotten' });
  });

  test('may not open all there is: another was made in the place of one that is lost', async () => {
    const { keys, join, state } = await world();
    keys.lose('ada');
    await join();
    expect(await state()).toEqual({ state: 'key', anotherLost: true });
  });

  test('is taken for that of a stream: then the id is meant', async () => {
    const { keys } = await world();
    expect(await meantSubject(keys, 'member-ada', aggregates)).toBe('ada');
    expect(await meantSubject(keys, 'member-bob', aggregates)).toBeUndefined();
    expect(await meantSubject(keys, 'other-ada', aggregates)).toBeUndefined();
  });
});
