import {
  command,
  defineAggregate,
  defineEvents,
  type EventStore,
  readAggregate,
  reject,
  type Snapshot,
  type SnapshotStore,
} from '@kiroku/core';
import { anySchema, InMemoryEventStore, InMemorySnapshotStore } from '@kiroku/testing';
import fc from 'fast-check';
import { v7 as uuid } from 'uuid';
import { describe, expect, test, vi } from 'vitest';
import { createCommandHandler } from '../handle-command/create-command-handler.ts';
import type { StreamCacheOptions } from '../handle-command/stream-cache.ts';
import { SnapshotKeeper } from './snapshot-keeper.ts';

interface Amount {
  readonly id: string;
  readonly amount: number;
}
interface Account {
  readonly balance: number;
  readonly last: readonly number[];
}
const events = defineEvents({ Paid: { schema: anySchema<Amount>() }, Drawn: { schema: anySchema<Amount>() } });
const accountState = {
  name: 'account',
  events,
  initialState: { balance: 0, last: [] } as Account, // widens the empty list
  snapshot: { every: 3, stateVersion: 1 },
  evolve: {
    Paid: ({ balance, last }: Account, { data }: { readonly data: Amount }) => ({
      balance: balance + data.amount,
      last: [...last, data.amount].slice(-2),
    }),
    Drawn: ({ balance, last }: Account, { data }: { readonly data: Amount }) => ({
      balance: balance - data.amount,
      last: [...last, -data.amount].slice(-2),
    }),
  },
};
const account = defineAggregate({
  ...accountState,
  commands: {
    Pay: command({ schema: anySchema<Amount>(), target: ({ id }) => id }),
    Draw: command({
      schema: anySchema<Amount>(),
      target: ({ id }) => id,
      // the poorer of the two may not draw
      reads: ({ id }) => ({ other: readAggregate(accountState, id === 'a' ? 'b' : 'a'), itself: readAggregate(accountState, id) }),
    }),
  },
  decide: {
    Pay: (_, { data }) => [{ type: 'Paid', data }],
    Draw: ({ balance, last }, { data }, { other, itself }) =>
      balance - data.amount < other.balance || itself.balance !== balance
        ? reject('TooPoor', 'No.', { balance, last, other: { ...other } })
        : [{ type: 'Drawn', data }],
  },
});

type Fault = 'none' | 'missing' | 'fails' | 'old' | 'ahead' | 'foreign';
const faults: readonly Fault[] = ['none', 'missing', 'fails', 'old', 'ahead', 'foreign'];

/** Does to what it returns whatever `next` says; a state that is not of this history is recognisably wrong. */
function faultySnapshots(next: () => Fault): SnapshotStore {
  const store = new InMemorySnapshotStore();
  const history: { readonly key: string; readonly snapshot: Snapshot }[] = [];
  const wrong = { balance: 1_000_000, last: [] };
  return {
    save: async (key, snapshot) => {
      history.push({ key: JSON.stringify(key), snapshot });
      await store.save(key, snapshot);
    },
    load: async (key) => {
      const snapshot = await store.load(key);
      const fault = next();
      if (fault === 'fails') throw new Error('injected');
      if (fault === 'missing' || snapshot === undefined) return undefined;
      if (fault === 'old') return history.find((each) => each.key === JSON.stringify(key))?.snapshot;
      if (fault === 'ahead') return { ...snapshot, version: snapshot.version + 1_000, state: wrong };
      if (fault === 'foreign') return { ...snapshot, eventId: uuid(), state: wrong };
      return snapshot;
    },
  };
}

const step = fc.record({
  type: fc.constantFrom('Pay', 'Draw'),
  data: fc.record({ id: fc.constantFrom('a', 'b'), amount: fc.integer({ min: 1, max: 9 }) }),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

async function run(steps: readonly Step[], snapshots?: SnapshotKeeper) {
  const eventStore = new InMemoryEventStore();
  const handle = createCommandHandler({ aggregates: [account], eventStore, ...(snapshots && { snapshots }) });
  const results: unknown[] = [];
  for (const { type, data } of steps) {
    results.push(await handle({ type, data, id: uuid(), at: '2026-11-24T10:00:00.000Z', metadata: {} }));
    await new Promise((resolve) => setImmediate(resolve)); // lets the saving go on
  }
  const log = (await eventStore.readLog({ pageSize: 10_000 })).events.map(({ type, stream, version, data }) => ({
    type,
    stream,
    version,
    data,
  }));
  return { results, log };
}

describe('snapshots', () => {
  test('change no decision, whatever becomes of them', async () => {
    const steps = fc.array(step, { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(steps, fc.infiniteStream(fc.constantFrom(...faults)), async (taken, stream) => {
        await using keeper = new SnapshotKeeper({ store: faultySnapshots(() => stream.next().value) });
        expect(await run(taken, keeper)).toEqual(await run(taken));
      }),
      { numRuns: 100 },
    );
  });

  test('make a command read what is new, and the last event it knows', async () => {
    const { eventStore, send, keeper } = subject({ maxAgeMs: 0 });
    for (let n = 0; n < 10; n++) await send('Pay');
    await keeper.stop();
    const read = vi.spyOn(eventStore, 'readStream');
    await send('Pay');
    expect(read.mock.calls).toEqual([['account-a', { fromVersion: 9 }]]);
  });

  test('are saved when so many events had to be read or were added, not with every command', async () => {
    const { store, send } = subject();
    const save = vi.spyOn(store, 'save');
    for (let n = 0; n < 10; n++) await send('Pay');
    expect(save.mock.calls.map(([, { version }]) => version)).toEqual([3, 6, 9]);
  });

  test('that cannot be saved fail no command', async () => {
    const { store, send, onFault } = subject();
    vi.spyOn(store, 'save').mockRejectedValue(new Error('no disk'));
    for (let n = 0; n < 5; n++) expect(await send('Pay')).toMatchObject({ outcome: 'accepted', version: n + 1 });
    expect(onFault).toHaveBeenCalled();
  });

  test('of code that knows other events are not used, so that an unknown event is refused as ever', async () => {
    const { eventStore, store, send, keeper } = subject();
    for (let n = 0; n < 4; n++) await send('Pay');
    await keeper.stop();
    const { Paid } = events;
    const older = defineAggregate({
      ...accountState,
      events: { Paid },
      evolve: { Paid: accountState.evolve.Paid },
      commands: { Pay: account.commands.Pay },
      decide: { Pay: (_, { data }) => [{ type: 'Paid', data }] },
    });
    await eventStore.append({
      streams: [{ stream: 'account-a', expectedVersion: 4, events: [{ type: 'Drawn', data: { id: 'a', amount: 1 } }] }],
    });
    await send('Pay');
    const handle = createCommandHandler({ aggregates: [older], eventStore, snapshots: new SnapshotKeeper({ store }) });
    const paying = { type: 'Pay', data: { id: 'a', amount: 1 }, id: uuid(), at: '2026-11-24T10:00:00.000Z', metadata: {} };
    await expect(handle(paying)).rejects.toMatchObject({ code: 'UnknownEvent' });
  });
});

function subject(cache?: StreamCacheOptions) {
  const eventStore = new InMemoryEventStore();
  const store = new InMemorySnapshotStore();
  const onFault = vi.fn();
  const keeper = new SnapshotKeeper({ store, onFault });
  const handle = createCommandHandler({
    aggregates: [account],
    eventStore: eventStore as EventStore,
    snapshots: keeper,
    ...(cache && { cache }),
  });
  const send = async (type: 'Pay' | 'Draw') => {
    const result = await handle({ type, data: { id: 'a', amount: 1 }, id: uuid(), at: '2026-11-24T10:00:00.000Z', metadata: {} });
    await new Promise((resolve) => setImmediate(resolve));
    return result;
  };
  return { eventStore, store, onFault, keeper, send };
}
