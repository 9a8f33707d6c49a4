import {
  type ClaimedCommand,
  type Command,
  isKirokuError,
  type ProcessLease,
  type ProcessPartition,
  type RecordedEvent,
  type Sending,
} from '@kiroku/core';
import { booking, fare, InMemoryEventStore, InMemoryProcessManagerStore, seat, trip, tripEffects } from '@kiroku/testing';
import fc from 'fast-check';
import { v7 as uuid } from 'uuid';
import { expect, test } from 'vitest';
import { createCommandHandler } from '../handle-command/create-command-handler.ts';
import { reactBatch } from './react-batch.ts';
import { reactToOutcomes } from './react-to-outcomes.ts';
import { reactToTimers } from './react-to-timers.ts';

type Act =
  | { readonly do: 'read'; readonly by: number; readonly events: number; readonly dies: boolean }
  | { readonly do: 'deliver'; readonly pick: number; readonly ends: 'settled' | 'dies before' | 'dies after' | 'faults' }
  | { readonly do: 'settle late' | 'fire' }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'meddle'; readonly how: 'CancelTrip' | 'DeclineFare' | 'ReturnFare' | 'FreeSeat'; readonly seat: number };

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('read'), by: fc.nat(2), events: fc.integer({ min: 1, max: 4 }), dies: fc.boolean() }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('deliver'),
      pick: fc.nat(5),
      ends: fc.constantFrom('settled', 'settled', 'dies before', 'dies after', 'faults'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('settle late', 'fire') }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait'), ms: fc.constantFrom(1, 1_000, 5_000, 31_000, 61_000) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('meddle'),
      how: fc.constantFrom('CancelTrip', 'DeclineFare', 'ReturnFare', 'FreeSeat'),
      seat: fc.nat(2),
    }),
  },
) as fc.Arbitrary<Act>; // the records are exactly the acts
const trips = fc.record({
  seats: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'taken'), { maxLength: 3 }),
  acts: fc.array(act, { maxLength: 120 }),
});

test('a saga ends completed, compensated or visibly failed, and its effects whole, whatever comes late, twice, never or after a crash', async () => {
  const endings = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(trips, async ({ seats, acts }) => {
      const work = await atWork(seats);
      for (const each of acts) await work.take(each);
      await work.settle();
      const instance = await work.store.instance('booking', 't');
      const effects = await tripEffects(work.eventStore, 't', seats);
      const shown = JSON.stringify({ instance, effects });
      expect(instance?.status, shown).not.toBe('running');
      if (instance?.status === 'done') expect(effects.whole, shown).toBe(true);
      const ending = instance?.status === 'done' && typeof instance.state.phase === 'string' ? instance.state.phase : 'failed';
      endings.set(ending, (endings.get(ending) ?? 0) + 1);
    }),
    { numRuns: 400 },
  );
  expect([...endings.keys()]).toEqual(expect.arrayContaining(['completed', 'compensated']));
}, 120_000);

/** Several processes over the same stores and a clock of their own; each act is one step of one of them. */
async function atWork(seats: readonly string[]) {
  let clock = Date.parse('2026-01-01T00:00:00.000Z');
  const eventStore = new InMemoryEventStore();
  const store = new InMemoryProcessManagerStore({ now: () => clock, partitions: 2 });
  const handle = createCommandHandler({ aggregates: [trip, seat, fare], eventStore });
  const late: { readonly command: ClaimedCommand; readonly outcome: Parameters<typeof reactToOutcomes>[1][number]['outcome'] }[] = [];
  await store.prepare('booking', (await eventStore.head()).log);
  const send = ({ type, data }: Sending) =>
    handle({ type, data, id: uuid(), at: new Date(clock).toISOString(), metadata: {} } satisfies Command);
  await send({ type: 'AskTrip', data: { trip: 't', seats } });

  const held = new Map<number, readonly ProcessLease[]>();
  const read = async (by: number, events: number, dies = false): Promise<void> => {
    if (!dies || !held.has(by)) {
      held.set(by, await store.attend({ instance: `process-${by}`, processManagers: ['booking'], leaseMs: 10_000 }));
    }
    const at = async (lease: ProcessLease) => ({ lease, after: await store.checkpoint('booking', lease.partition) });
    await advance(await Promise.all((held.get(by) ?? []).map(at)), events);
  };
  const advance = async (all: readonly ProcessPartition[], count: number): Promise<void> => {
    const after = Math.min(...all.map((each) => each.after));
    const page: readonly RecordedEvent[] = all.length === 0 ? [] : (await eventStore.readLog({ after, pageSize: count })).events;
    const position = page.at(-1)?.position ?? after;
    const partitions = all.filter((each) => each.after < position);
    if (partitions.length === 0) return;
    // a process that was presumed dead may still try with its outdated leases
    const batch = { processManager: 'booking', partitions, position, ...reactBatch(booking, page, partitions) };
    await store.advance(batch).catch((error: unknown) => {
      if (!isKirokuError(error, 'LeaseLost')) throw error;
    });
  };
  const record = (settlement: (typeof late)[number]) =>
    store.advance({
      processManager: 'booking',
      partitions: [],
      position: 0,
      instances: [],
      settlements: [settlement],
      react: (instances, settlements) => reactToOutcomes(booking, settlements, instances),
    });
  const deliver = async (pick: number, ends: Extract<Act, { readonly do: 'deliver' }>['ends']): Promise<void> => {
    const claimed = await store.claim({ limit: 6, leaseMs: 5_000 });
    const command = claimed[pick % Math.max(1, claimed.length)];
    for (const other of claimed) {
      const { processManager: _, ...given } = other;
      if (other !== command)
        await store.giveBack({
          command: { ...given, processManager: 'booking' },
          error: 'not now',
          retryInMs: 0,
        });
    }
    if (command === undefined || ends === 'dies before') return;
    if (ends === 'faults') {
      await store.giveBack({ command, error: 'no answer', retryInMs: 200 });
      return;
    }
    const { type, data, id, metadata } = command;
    const result = await handle({ type, data, id, at: new Date(clock).toISOString(), metadata });
    const outcome =
      result.outcome === 'accepted'
        ? { accepted: true as const, position: result.position, events: result.events }
        : { accepted: false as const, rejection: result.rejection };
    if (ends === 'dies after') late.push({ command, outcome });
    else await record({ command, outcome });
  };
  const fire = () =>
    store.fire({ processManager: 'booking', limit: 10, react: (timers, instances) => reactToTimers(booking, timers, instances) });

  const take = async (each: Act): Promise<unknown> => {
    switch (each.do) {
      case 'read':
        return read(each.by, each.events, each.dies);
      case 'deliver':
        return deliver(each.pick, each.ends);
      case 'settle late': {
        const waiting = late.shift();
        return waiting && record(waiting);
      }
      case 'fire':
        return fire();
      case 'wait':
        clock += each.ms;
        return undefined;
      case 'meddle':
        return send({ type: each.how, data: { trip: 't', seat: seats[each.seat] ?? 'a', reason: 'meddled' } });
      default:
        return each satisfies never;
    }
  };
  /** Everybody does their work, in order and without faults, until nothing is left to do. */
  const settle = async (): Promise<void> => {
    for (let rounds = 0; rounds < 500; rounds++) {
      clock += 11_000; // whoever holds a lease or a claim and is not among the living loses it
      await read(0, 1_000);
      await deliver(0, 'settled');
      await fire();
      const isQuiet = (await store.unsettled()).length === 0 && store.nextTimer() === undefined;
      if (isQuiet && (await store.checkpoint('booking')) === (await eventStore.head()).position) return;
    }
    throw new Error('the saga has not come to rest');
  };
  return { store, eventStore, take, settle };
}
