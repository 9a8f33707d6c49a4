import { type Command, command, defineAggregate, defineEvents, KirokuError, reject } from '@kiroku/core';
import { anySchema, InMemoryEventStore } from '@kiroku/testing';
import { v7 as uuid } from 'uuid';
import { describe, expect, test } from 'vitest';
import type { CommandHandler } from '../handle-command/command-result.ts';
import { createCommandHandler } from '../handle-command/create-command-handler.ts';
import { handleWithCalls, type OutsideCall } from './outside-call.ts';

interface Parcel {
  readonly parcel: string;
}
const anyParcel = anySchema<Parcel>();
const recordSchema = anySchema<Parcel & { readonly done: boolean }>((data) => JSON.stringify(data) !== '{"parcel":"p","done":"maybe"}');
const target = ({ parcel }: Parcel): string => parcel;
const parcels = defineAggregate({
  name: 'parcel',
  events: defineEvents({ PickUpAsked: { schema: anyParcel }, PickedUp: { schema: anyParcel }, Refused: { schema: anyParcel } }),
  initialState: 'none' as 'none' | 'asked' | 'over',
  commands: {
    AskPickUp: command({ schema: anyParcel, target }),
    RecordPickUp: command({ schema: recordSchema, target }),
  },
  evolve: { PickUpAsked: () => 'asked' as const, PickedUp: () => 'over' as const, Refused: () => 'over' as const },
  decide: {
    AskPickUp: (state, { data }) => {
      if (data.parcel === 'lost') return reject('Lost', 'It is lost.');
      return state === 'over' ? [] : [{ type: 'PickUpAsked', data }];
    },
    RecordPickUp: (state, { data: { parcel, done } }) =>
      state === 'none' ? reject('NotAsked', 'Nobody asked.') : [{ type: done ? 'PickedUp' : 'Refused', data: { parcel } }],
  },
});

describe('a command that asks for a call', () => {
  test('is on record before the call is made, and its answer after', async () => {
    const given = atWork(async () => {
      seen.push(await given.log());
      return answer(true);
    });
    const seen: (readonly string[])[] = [];
    expect(await given.deliver(ask('p'))).toMatchObject({ outcome: 'accepted', position: 2 });
    expect(seen).toEqual([['PickUpAsked']]);
    expect(await given.log()).toEqual(['PickUpAsked', 'PickedUp']);
  });

  test('is called with the same key again when no answer came, and recorded once', async () => {
    const asked: object[] = [];
    const given = atWork(async (_, context) => {
      asked.push(context);
      if (asked.length === 1) throw new KirokuError('ServiceUnavailable', 'no answer');
      return answer(true);
    });
    const asking = ask('p');
    await expect(given.deliver(asking)).rejects.toMatchObject({ code: 'ServiceUnavailable' });
    await given.deliver(asking, 2);
    await given.deliver(asking, 3);
    const { id: key } = asking;
    expect(asked).toEqual([
      { key, repeated: false },
      { key, repeated: true },
      { key, repeated: true },
    ]);
    expect(await given.log()).toEqual(['PickUpAsked', 'PickedUp']);
  });

  test.each([
    ['was decided before', [1, 1]],
    ['was tried before, without being decided', [2]],
  ])('says that it may have been made already if it %s', async (_how, attempts) => {
    const asked: boolean[] = [];
    const given = atWork(async (_, { repeated }) => {
      asked.push(repeated);
      return answer(true);
    });
    const asking = ask('p');
    for (const attempt of attempts) await given.deliver(asking, attempt);
    expect(asked.at(-1)).toBe(true);
  });

  test('has a no recorded as an answer', async () => {
    const given = atWork(async () => answer(false));
    expect(await given.deliver(ask('p'))).toMatchObject({ outcome: 'accepted' });
    expect(await given.log()).toEqual(['PickUpAsked', 'Refused']);
  });

  test('whose answer does not fit what records it says so, and that the call was made', async () => {
    const given = atWork(async () => ({ type: 'RecordPickUp', data: { parcel: 'p', done: 'maybe' } }));
    await expect(given.deliver(ask('p'))).rejects.toMatchObject({
      code: 'AnswerNotRecorded',
      retryable: false,
      message: expect.stringMatching(/^The call of AskPickUp was answered.*RecordPickUp.*BadRequest: .*is not accepted/s),
    });
  });

  test.each(['DatabaseUnavailable', 'KeyMissing', 'UnknownEvent', 'Internal'] as const)(
    'whose answer cannot be recorded now (%s) is called again: the fault is as it was',
    async (code) => {
      const given = atWork(async () => answer(true), { RecordPickUp: () => Promise.reject(new KirokuError(code, 'not now')) });
      await expect(given.deliver(ask('p'))).rejects.toMatchObject({ code });
    },
  );

  test.each(['AsyncSchema', 'DecisionInvalid', 'EventInvalid', 'IdReused', 'SubjectForgotten', 'UnknownCommand'] as const)(
    'whose answer is refused (%s) is not: asked again it would be the same',
    async (code) => {
      const given = atWork(async () => answer(true), { RecordPickUp: () => Promise.reject(new KirokuError(code, 'never')) });
      await expect(given.deliver(ask('p'))).rejects.toMatchObject({ code: 'AnswerNotRecorded', message: expect.stringContaining(code) });
    },
  );

  test('is rejected if its answer is', async () => {
    const given = atWork(async () => ({ type: 'RecordPickUp', data: { parcel: 'unknown', done: true } }));
    expect(await given.deliver(ask('p'))).toMatchObject({ outcome: 'rejected', rejection: { code: 'NotAsked' } });
  });

  test('is named as what led to the record of its answer', async () => {
    const given = atWork(async () => answer(true));
    const asking = { ...ask('p'), metadata: { correlationId: 'c-1', causationId: 'e-1' } };
    await given.deliver(asking);
    expect(given.handled.map(({ metadata }) => metadata)).toEqual([
      { correlationId: 'c-1', causationId: 'e-1' },
      { correlationId: 'c-1', causationId: asking.id },
    ]);
  });

  test('makes no call when it is rejected or led to nothing', async () => {
    let calls = 0;
    const given = atWork(async () => answer(++calls > 0));
    expect(await given.deliver(ask('lost'))).toMatchObject({ outcome: 'rejected' });
    expect(calls).toBe(0);
    await given.deliver(ask('p'));
    await given.deliver(ask('p'));
    expect(calls).toBe(1);
  });
});

function ask(parcel: string): Command {
  return { type: 'AskPickUp', data: { parcel }, id: uuid(), at: '2026-01-01T00:00:00.000Z', metadata: {} };
}

function answer(done: boolean) {
  return { type: 'RecordPickUp', data: { parcel: 'p', done } };
}

function atWork(call: OutsideCall, faults: { readonly [type: string]: CommandHandler } = {}) {
  const eventStore = new InMemoryEventStore();
  const decide = createCommandHandler({ aggregates: [parcels], eventStore });
  const handled: Command[] = [];
  const handle: CommandHandler = (given) => {
    handled.push(given);
    return (faults[given.type] ?? decide)(given);
  };
  return {
    deliver: (asking: Command, attempts = 1) => handleWithCalls({ handle, calls: { AskPickUp: call } }, asking, attempts),
    handled,
    log: async () => (await eventStore.readStream('parcel-p')).map(({ type }) => type),
  };
}
