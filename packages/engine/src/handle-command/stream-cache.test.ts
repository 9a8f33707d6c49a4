import {
  type Command,
  command,
  defineAggregate,
  defineEvents,
  type EventStore,
  KirokuError,
  type PersonalFields,
  readAggregate,
  reject,
} from '@kiroku/core';
import { anySchema, InMemoryEventStore, InMemorySnapshotStore, withFaults } from '@kiroku/testing';
import fc from 'fast-check';
import { v7 as uuid } from 'uuid';
import { describe, expect, test, vi } from 'vitest';
import { SnapshotKeeper } from '../snapshot/snapshot-keeper.ts';
import { createCommandHandler } from './create-command-handler.ts';
import type { StreamCacheOptions } from './stream-cache.ts';

interface Transfer {
  readonly from: string;
  readonly to: string;
  readonly amount: number;
  readonly note?: unknown;
}
interface Account {
  readonly balance: number;
  readonly notes: readonly string[];
}
const events = defineEvents({
  Received: { schema: anySchema<Transfer>() },
  Sent: { schema: anySchema<Transfer>(), version: 2, upcasters: { 1: (data) => data } },
});
/** Tells what is stored of a note from what it was before. */
function noteOf(data: Transfer): string {
  if (!('note' in data)) return 'none'; // `undefined` is not stored
  return Object.is(data.note, -0) ? 'minus zero' : `${typeof data.note} ${JSON.stringify(data.note)}`;
}
const accountState = {
  name: 'account',
  events,
  initialState: { balance: 5, notes: [] } as Account, // widens the empty list
  snapshot: { every: 4, stateVersion: 1 },
  evolve: {
    Received: ({ balance, notes }: Account, { data }: { readonly data: Transfer }) => ({
      balance: balance + data.amount,
      notes: [...notes, noteOf(data)].slice(-3),
    }),
    Sent: ({ balance, notes }: Account, { data }: { readonly data: Transfer }) => ({ balance: balance - data.amount, notes }),
  },
};
const account = defineAggregate({
  ...accountState,
  commands: {
    Receive: command({ schema: anySchema<Transfer>(), target: ({ to }) => to }),
    Send: command({
      schema: anySchema<Transfer>(),
      target: ({ from }) => from,
      reads: ({ from, to }) => ({ receiver: readAggregate(accountState, to), itself: readAggregate(accountState, from) }),
    }),
  },
  decide: {
    Receive: (_, { data }) => [{ type: 'Received', data }],
    Send: (own, { data }, { receiver, itself }) => {
      if (receiver.balance > 40) throw new Error(`The receiver has ${receiver.balance}.`);
      if (own.balance < data.amount || itself.balance !== own.balance)
        return reject('TooPoor', 'No.', { ...own, receiver: { ...receiver } });
      return data.amount === 3 ? [] : [{ type: 'Sent', data: { ...data, note: [own.notes, receiver.notes].join() } }];
    },
  },
});

const step = fc.record({
  type: fc.constantFrom('Receive', 'Send'),
  data: fc.record({
    from: fc.constantFrom('a', 'b', 'c'),
    to: fc.constantFrom('a', 'b', 'c'),
    amount: fc.integer({ min: 1, max: 9 }),
    note: fc.constantFrom(undefined, -0, new Date(0), 'x'),
  }),
  /** Of the process that gets it. */
  process: fc.nat({ max: 2 }),
  /** Sent again, to another process as it may be. */
  repeats: fc.option(fc.nat({ max: 2 }), { freq: 4 }),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function sent({ type, data }: { readonly type: 'Receive' | 'Send'; readonly data: Transfer }): Command {
  return { type, data, id: uuid(), at: '2026-11-24T10:00:00.000Z', metadata: {} };
}

async function run(steps: readonly Step[], cache: StreamCacheOptions, lost: () => boolean = () => false) {
  const log = new InMemoryEventStore();
  const eventStore = withFaults(log, ['append'], lost);
  await using snapshots = new SnapshotKeeper({ store: new InMemorySnapshotStore() });
  const processes = [0, 1, 2].map(() =>
    createCommandHandler({ aggregates: [account], eventStore, snapshots, cache, conflictPauseMs: () => 0 }),
  );
  const results: unknown[] = [];
  for (const { process, repeats, ...command } of steps) {
    const message = sent(command);
    for (const each of repeats === null ? [process] : [process, repeats]) results.push(await answered(() => processes[each]?.(message)));
    await new Promise(setImmediate); // lets snapshots be saved
  }
  const { events: all } = await log.readLog({ pageSize: 10_000 });
  return { results, log: all.map(({ type, stream, version, data }) => ({ type, stream, version, data })) };
}

/** The answer, though some are lost on the way; a fault is one too. */
async function answered(call: () => Promise<unknown> | undefined): Promise<unknown> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof KirokuError) || !error.retryable) return String(error);
    }
  }
}

describe('what is remembered of streams', () => {
  test('changes no decision, though several processes write and answers get lost', async () => {
    const steps = fc.array(step, { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(steps, fc.infiniteStream(fc.nat({ max: 29 })), async (taken, draws) => {
        const drawn: boolean[] = [];
        const lost = () => {
          drawn.push(draws.next().value === 0);
          return drawn.at(-1) === true;
        };
        const plain = await run(taken, { maxAgeMs: 0 });
        expect(withoutRepetition(await run(taken, {}, lost))).toEqual(withoutRepetition(plain));
      }),
      { numRuns: 30 },
    );
  });

  test('saves reading a stream that this process has read or written', async () => {
    const { eventStore, handle } = subject();
    await handle(sent(receive('a')));
    const read = vi.spyOn(eventStore, 'readStream');
    await handle(sent(receive('a')));
    await handle(sent({ type: 'Send', data: { from: 'a', to: 'b', amount: 1, note: 'x' } }));
    expect(read.mock.calls.map(([stream]) => stream)).toEqual(['account-b']);
  });

  test.each([
    { is: 'is read again when it has become old', options: { maxAgeMs: 1e-9 }, times: 1 },
    { is: 'with personal fields is read again sooner', options: { personalMaxAgeMs: 1e-9 }, personal: true, times: 1 },
    { is: 'with personal fields is read again no later than others', options: { maxAgeMs: 1e-9 }, personal: true, times: 1 },
    { is: 'without any is not read again as soon', options: { personalMaxAgeMs: 1e-9 }, times: 0 },
  ])('$is', async ({ options, personal = false, times }) => {
    const eventStore = new InMemoryEventStore();
    const fields: PersonalFields = { subject: (data) => (data as Transfer).to, fields: ['note'] };
    const declared = { ...events.Received, ...(personal && { personal: fields }) };
    const { snapshot: _, ...state } = { ...accountState, events: { ...events, Received: declared } }; // none of what is personal
    const aggregate = defineAggregate({
      ...state,
      commands: account.commands,
      decide: { Receive: (_, { data }) => [{ type: 'Received', data }], Send: () => [] },
    });
    const handle = createCommandHandler({ aggregates: [aggregate], eventStore, cache: options });
    await handle(sent(receive('a')));
    const read = vi.spyOn(eventStore, 'readStream');
    await handle(sent(receive('a')));
    expect(read).toHaveBeenCalledTimes(times);
  });

  test('makes no refusal: what was written elsewhere meanwhile is seen first', async () => {
    const { eventStore, handle } = subject();
    const sending = { type: 'Send', data: { from: 'a', to: 'b', amount: 15, note: 'x' } } as const;
    await handle(sent(receive('a')));
    expect(await handle(sent(sending))).toMatchObject({ outcome: 'rejected' });
    await createCommandHandler({ aggregates: [account], eventStore })(sent(receive('a')));
    expect(await handle(sent(sending))).toMatchObject({ outcome: 'accepted' });
  });

  test('cannot be changed by a decision', async () => {
    const sloppy = defineAggregate({
      ...accountState,
      commands: account.commands,
      decide: {
        Receive: (state, { data }) => {
          (state as { balance: number }).balance += 1; // what the type forbids
          return [{ type: 'Received', data }];
        },
        Send: () => [],
      },
    });
    const eventStore = new InMemoryEventStore();
    const handle = createCommandHandler({ aggregates: [sloppy], eventStore });
    await expect(handle(sent(receive('a')))).rejects.toThrow(TypeError);
  });

  test('is given up with the database: another log may be there when it is back', async () => {
    const { eventStore, handle } = subject();
    await handle(sent(receive('a')));
    await handle(sent(receive('b')));
    const away = vi.spyOn(eventStore, 'append').mockRejectedValueOnce(new KirokuError('DatabaseUnavailable', 'away'));
    await expect(handle(sent(receive('a')))).rejects.toMatchObject({ code: 'DatabaseUnavailable' });
    away.mockRestore();
    const read = vi.spyOn(eventStore, 'readStream');
    await handle(sent(receive('b')));
    expect(read).toHaveBeenCalledOnce();
  });
});

const receive = (to: string) => ({ type: 'Receive', data: { from: 'x', to, amount: 6, note: 'x' } }) as const;

function subject(cache: StreamCacheOptions = {}) {
  const eventStore = new InMemoryEventStore();
  return { eventStore, handle: createCommandHandler({ aggregates: [account], eventStore: eventStore as EventStore, cache }) };
}

/** An answer that was lost makes the next one a repetition. */
function withoutRepetition<T extends { readonly results: readonly unknown[] }>(ran: T): T {
  return { ...ran, results: ran.results.map((result) => (typeof result === 'object' ? { ...result, duplicate: '-' } : result)) };
}
