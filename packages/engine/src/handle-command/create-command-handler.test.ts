import {
  type Command,
  command,
  defineAggregate,
  defineEvents,
  type EventStore,
  isRejection,
  KirokuError,
  readAggregate,
  readEvents,
  reject,
} from '@kiroku/core';
import { anySchema, InMemoryEventStore, withFaults } from '@kiroku/testing';
import fc from 'fast-check';
import { v7 as uuid } from 'uuid';
import { describe, expect, test, vi } from 'vitest';
import type { CommandResult } from './command-result.ts';
import { createCommandHandler } from './create-command-handler.ts';

interface Named {
  readonly id: string;
  readonly name: string;
}
const named = anySchema<Named>((value) => typeof value === 'object' && value !== null && 'name' in value && value.name !== '');

type ShelfState = 'none' | 'open' | 'closed';
const shelfEvents = defineEvents({
  ShelfOpened: { schema: named, tags: ({ name }) => [`shelf-name:${name}`] },
  ShelfClosed: { schema: anySchema<{ readonly id: string }>() },
});
const shelf = defineAggregate({
  name: 'shelf',
  events: shelfEvents,
  initialState: 'none' as ShelfState,
  commands: {
    OpenShelf: command({
      schema: named,
      target: ({ id }) => id,
      reads: ({ name }) => ({
        taken: readEvents({
          events: shelfEvents,
          query: [{ types: ['ShelfOpened'], tags: [`shelf-name:${name}`] }],
          initial: false,
          fold: { ShelfOpened: () => true },
        }),
      }),
    }),
    CloseShelf: command({ schema: anySchema<{ readonly id: string }>(), target: ({ id }) => id }),
  },
  evolve: { ShelfOpened: (): ShelfState => 'open', ShelfClosed: (): ShelfState => 'closed' },
  decide: {
    OpenShelf: (state, { data }, { taken }) => {
      if (state !== 'none') return reject('AlreadyOpen', 'The shelf is open.');
      return taken ? reject('NameTaken', 'Another shelf has this name.') : [{ type: 'ShelfOpened', data }];
    },
    CloseShelf: (state, { data }) => (state === 'open' ? [{ type: 'ShelfClosed', data }] : []),
  },
});

interface Move {
  readonly id: string;
  readonly amount: number;
}
const boxEvents = defineEvents({ Filled: { schema: anySchema<Move>() }, Emptied: { schema: anySchema<Move>() } });
const box = defineAggregate({
  name: 'box',
  events: boxEvents,
  initialState: 0,
  commands: {
    Fill: command({
      schema: anySchema<Move & { readonly shelf: string }>(),
      target: ({ id }) => id,
      reads: ({ shelf: id }) => ({ shelf: readAggregate(shelf.definition, id), same: [readAggregate(shelf.definition, id)] }),
    }),
    Empty: command({ schema: anySchema<Move>(), target: ({ id }) => id }),
  },
  evolve: { Filled: (held, { data }) => held + data.amount, Emptied: (held, { data }) => held - data.amount },
  decide: {
    Fill: (_held, { data: { id, amount } }, context) =>
      context.shelf === 'open' && context.same[0] === 'open'
        ? [{ type: 'Filled', data: { id, amount } }]
        : reject('ShelfNotOpen', 'Put it on an open shelf.'),
    Empty: (held, { data }) => (held < data.amount ? reject('NotEnough', 'So much is not there.') : [{ type: 'Emptied', data }]),
  },
});

function handlerOver(eventStore: EventStore, maxAttempts?: number) {
  return createCommandHandler({ aggregates: [shelf, box], eventStore, ...(maxAttempts && { maxAttempts }), conflictPauseMs: () => 0 });
}

function send(type: string, data: unknown, id = uuid()): Command {
  return { type, data, id, at: '2026-11-24T10:00:00.000Z', metadata: { correlationId: 'c-1', actor: 'ann', traceparent: '00-1-2-01' } };
}

function outcomes(results: readonly CommandResult[]): { readonly [outcome: string]: number } {
  const counted = (code: string): number =>
    results.filter((r) => (r.outcome === 'rejected' ? r.rejection.code : r.outcome) === code).length;
  const codes = new Set(results.map((r) => (r.outcome === 'rejected' ? r.rejection.code : r.outcome)));
  return Object.fromEntries([...codes].map((code) => [code, counted(code)]));
}

describe('a command', () => {
  test('appends what its aggregate decides, and says where', async () => {
    const result = await handlerOver(new InMemoryEventStore())(send('OpenShelf', { id: '1', name: 'a' }));
    expect(result).toEqual({ outcome: 'accepted', stream: 'shelf-1', version: 1, position: 1, events: ['ShelfOpened'], duplicate: false });
  });

  test('takes its turn on a stream: none is decided twice because of another', async () => {
    const eventStore = new InMemoryEventStore();
    const append = vi.spyOn(eventStore, 'append');
    const handle = handlerOver(eventStore);
    await handle(send('OpenShelf', { id: '1', name: 'a' }));
    const fill = () => handle(send('Fill', { id: '1', shelf: '1', amount: 1 }));
    const results = await Promise.all(Array.from({ length: 40 }, fill));
    expect(results.map((result) => result.outcome === 'accepted' && result.version)).toEqual(Array.from({ length: 40 }, (_, n) => n + 1));
    expect(append).toHaveBeenCalledTimes(41);
  });

  test('that fails holds up none of those after it on its stream', async () => {
    const eventStore = new InMemoryEventStore();
    vi.spyOn(eventStore, 'append').mockRejectedValueOnce(new KirokuError('DatabaseUnavailable', 'It is away.'));
    const handle = handlerOver(eventStore);
    const open = () => handle(send('OpenShelf', { id: '1', name: 'a' }));
    const [first, second, third] = await Promise.allSettled([open(), open(), open()]);
    expect(first).toMatchObject({ status: 'rejected', reason: { code: 'DatabaseUnavailable' } });
    expect(second).toMatchObject({ value: { outcome: 'accepted', version: 1 } });
    expect(third).toMatchObject({ value: { outcome: 'rejected' } });
  });

  test('leaves on its events who and what led to them', async () => {
    const eventStore = new InMemoryEventStore();
    const opening = send('OpenShelf', { id: '1', name: 'a' });
    await handlerOver(eventStore)(opening);
    const [event] = await eventStore.readStream('shelf-1');
    expect(event?.metadata).toEqual({
      commandId: opening.id,
      commandType: 'OpenShelf',
      correlationId: 'c-1',
      causationId: opening.id,
      actor: 'ann',
      receivedAt: '2026-11-24T10:00:00.000Z',
      traceparent: '00-1-2-01',
    });
  });

  test('leaves on the first of its events alone from where and in which role it came', async () => {
    const eventStore = new InMemoryEventStore();
    const pair = defineAggregate({
      name: 'pair',
      events: boxEvents,
      initialState: 0,
      commands: { FillAndEmpty: command({ schema: anySchema<Move>(), target: ({ id }) => id }) },
      evolve: { Filled: (held) => held + 1, Emptied: (held) => held - 1 },
      decide: {
        FillAndEmpty: (_held, { data }) => [
          { type: 'Filled', data },
          { type: 'Emptied', data },
        ],
      },
    });
    const sent = send('FillAndEmpty', { id: '1', amount: 1 });
    const from = { ...sent, metadata: { ...sent.metadata, role: 'admins', sourceAddress: '203.0.113.9' } };
    await createCommandHandler({ aggregates: [pair], eventStore })(from);
    const [first, second] = await eventStore.readStream('pair-1');
    expect(first?.metadata).toMatchObject({ role: 'admins', sourceAddress: '203.0.113.9', receivedAt: sent.at });
    expect(Object.keys(second?.metadata ?? {})).toEqual([
      'correlationId',
      'actor',
      'traceparent',
      'commandId',
      'commandType',
      'causationId',
    ]);
  });

  test('nobody defined is unknown', async () => {
    await expect(handlerOver(new InMemoryEventStore())(send('Explode', {}))).rejects.toMatchObject({ code: 'UnknownCommand' });
  });

  test('with wrong data or an id that is no UUID is a bad request that says what is wrong', async () => {
    const handle = handlerOver(new InMemoryEventStore());
    await expect(handle(send('OpenShelf', { id: '1', name: '' }))).rejects.toMatchObject({
      code: 'BadRequest',
      details: { issues: [{ path: '', message: 'is not accepted' }] },
    });
    await expect(handle(send('OpenShelf', { id: '1', name: 'a' }, 'x'))).rejects.toMatchObject({ code: 'BadRequest' });
  });

  test('that is refused is an answer, not a fault, and writes nothing', async () => {
    const eventStore = new InMemoryEventStore();
    const result = await handlerOver(eventStore)(send('Empty', { id: '1', amount: 1 }));
    expect(result).toMatchObject({ outcome: 'rejected', rejection: { code: 'NotEnough' } });
    expect((await eventStore.head()).position).toBe(0);
  });

  test('whose decision makes an event that does not fit its schema is a fault of the code, and writes nothing', async () => {
    const log = new InMemoryEventStore();
    const decide = () => [{ type: 'ShelfOpened' as const, data: { id: '1', name: '' } }];
    const handle = createCommandHandler({ aggregates: [{ ...shelf, decide }], eventStore: log });
    await expect(handle(send('OpenShelf', { id: '1', name: 'a' }))).rejects.toMatchObject({
      code: 'DecisionInvalid',
      status: 500,
      message: expect.stringContaining('ShelfOpened'),
    });
    expect((await log.head()).position).toBe(0);
  });

  test('of which two aggregates claim to be the decider is a faulty definition', () => {
    const options = { aggregates: [shelf, { ...shelf, name: 'other' }], eventStore: new InMemoryEventStore() };
    expect(() => createCommandHandler(options)).toThrow(/both define the command OpenShelf/);
  });
});

describe('what a command reads', () => {
  test('must still be so when it is appended, else it is decided again', async () => {
    const eventStore = new InMemoryEventStore();
    const handle = handlerOver(eventStore);
    await handle(send('OpenShelf', { id: '1', name: 'a' }));
    const close = vi.fn(() => handle(send('CloseShelf', { id: '1' })));
    const racing = handlerOver(interfering(eventStore, close));
    const result = await racing(send('Fill', { id: '1', amount: 1, shelf: '1' }));
    expect(result).toMatchObject({ outcome: 'rejected', rejection: { code: 'ShelfNotOpen' } });
    expect(close).toHaveBeenCalledOnce();
  });

  test('makes a refusal only if it stood so at one moment', async () => {
    const eventStore = new InMemoryEventStore();
    const handle = handlerOver(eventStore);
    const racing = handlerOver(interfering(eventStore, () => handle(send('OpenShelf', { id: '1', name: 'a' }))));
    const result = await racing(send('Fill', { id: '1', amount: 1, shelf: '1' }));
    expect(result).toMatchObject({ outcome: 'accepted', events: ['Filled'] });
  });

  test('lets one of 50 parallel creations of a name through', async () => {
    const eventStore = new InMemoryEventStore();
    const handle = handlerOver(eventStore);
    const results = await Promise.all(Array.from({ length: 50 }, (_, n) => handle(send('OpenShelf', { id: `${n}`, name: 'books' }))));
    expect(outcomes(results)).toEqual({ accepted: 1, NameTaken: 49 });
    expect((await eventStore.head()).position).toBe(1);
  });

  test('never lets a box be emptied below zero, however many try', async () => {
    const eventStore = new InMemoryEventStore();
    const handle = handlerOver(eventStore, 100);
    await handle(send('OpenShelf', { id: '1', name: 'a' }));
    await handle(send('Fill', { id: '1', amount: 7, shelf: '1' }));
    const results = await Promise.all(Array.from({ length: 30 }, () => handle(send('Empty', { id: '1', amount: 1 }))));
    expect(outcomes(results)).toEqual({ accepted: 7, NotEnough: 23 });
  });
});

describe('a command sent again with its id', () => {
  test('gets its first result, also when the state would refuse it now', async () => {
    const handle = handlerOver(new InMemoryEventStore());
    const opening = send('OpenShelf', { id: '1', name: 'a' });
    const first = await handle(opening);
    await handle(send('CloseShelf', { id: '1' }));
    expect(await handle(opening)).toEqual({ ...first, duplicate: true });
  });

  test('is the same whatever the order of its fields and the case of its id', async () => {
    const handle = handlerOver(new InMemoryEventStore());
    const first = await handle(send('OpenShelf', { id: '1', name: 'a' }, '0199f0a0-abcd-7000-8000-000000000001'));
    const again = await handle(send('OpenShelf', { name: 'a', id: '1' }, '0199F0A0-ABCD-7000-8000-000000000001'));
    expect(again).toEqual({ ...first, duplicate: true });
  });

  test('takes effect once when it had nothing to do', async () => {
    const handle = handlerOver(new InMemoryEventStore());
    const closing = send('CloseShelf', { id: '1' });
    expect(await handle(closing)).toMatchObject({ outcome: 'accepted', events: [], version: 0, position: 0, duplicate: false });
    await handle(send('OpenShelf', { id: '1', name: 'a' }));
    expect(await handle(closing)).toMatchObject({ outcome: 'accepted', events: [], position: 0, duplicate: true });
  });

  test('with other content is refused', async () => {
    const handle = handlerOver(new InMemoryEventStore());
    const opening = send('OpenShelf', { id: '1', name: 'a' });
    await handle(opening);
    const other = { ...opening, data: { id: '2', name: 'b' } };
    await expect(handle(other)).rejects.toMatchObject({ code: 'IdReused' });
  });

  test('takes effect once, however often and whenever it comes and whatever answers get lost', async () => {
    const runs = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(runs, fc.infiniteStream(fc.boolean()), async (picks, fails) => {
        const eventStore = new InMemoryEventStore();
        const handle = handlerOver(eventStore);
        await handle(send('OpenShelf', { id: '1', name: 'a' }));
        await handle(send('Fill', { id: '1', amount: 100, shelf: '1' }));
        const lossy = handlerOver(
          withFaults(eventStore, ['append'], () => fails.next().value),
          100,
        );
        const commands = Array.from({ length: 6 }, () => send('Empty', { id: '1', amount: 1 }));
        await Promise.all(picks.map((pick) => untilAnswered(() => lossy(commands[pick] as Command)))); // picks are 0 to 5
        expect((await eventStore.head()).position).toBe(2 + new Set(picks).size);
      }),
      { numRuns: 50 },
    );
  });
});

test('a command that loses every race gives up and says so, having written nothing', async () => {
  const eventStore = new InMemoryEventStore();
  const append = vi.spyOn(eventStore, 'append').mockRejectedValue(new KirokuError('Conflict', 'changed'));
  await expect(handlerOver(eventStore, 3)(send('CloseShelf', { id: '1' }))).rejects.toMatchObject({
    code: 'Conflict',
    details: { stream: 'shelf-1', attempts: 3 },
  });
  expect(append).toHaveBeenCalledTimes(3);
});

/** The same store, but `act` happens between the reading of the first command and its append. */
function interfering(eventStore: InMemoryEventStore, act: () => Promise<unknown>): EventStore {
  let done = false;
  return {
    append: async (request) => {
      if (!done) {
        done = true;
        await act();
      }
      return eventStore.append(request);
    },
    readStream: (stream, options) => eventStore.readStream(stream, options),
    query: (query) => eventStore.query(query),
    readLog: (options) => eventStore.readLog(options),
    subscribe: (options) => eventStore.subscribe(options),
    head: () => eventStore.head(),
    positionAt: (time) => eventStore.positionAt(time),
    findCommand: (idempotency) => eventStore.findCommand(idempotency),
  };
}

async function untilAnswered<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (isRejection(error) || !(error instanceof KirokuError && error.retryable)) throw error;
    }
  }
}
