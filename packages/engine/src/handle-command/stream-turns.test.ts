import type { EventStore } from '@kiroku/core';
import { InMemoryEventStore, InMemoryKeyStore, InMemorySnapshotStore, withFaults } from '@kiroku/testing';
import fc from 'fast-check';
import { test } from 'vitest';
import { encryptedEventStore } from '../personal-data/encrypted-event-store.ts';
import { SnapshotKeeper } from '../snapshot/snapshot-keeper.ts';
import { createCommandHandler } from './create-command-handler.ts';
import { expectSerial, type Looked, purses, sendAll, sendings } from './purses.test-service.ts';

/** How many turns of the event loop each call of the store takes. */
const delays = fc.infiniteStream(fc.nat({ max: 4 }));
/** Whether it fails, if it is 0. */
const faults = fc.infiniteStream(fc.nat({ max: 40 }));

test.each([
  ['snapshots', false],
  ['personal', false],
  ['snapshots', true],
  ['personal', true],
] as const)(
  'commands sent at once to two processes end as if each had come alone, whatever is slow or lost on the way (%s, creates: %s)',
  async (kind, creates) => {
    await fc.assert(
      fc.asyncProperty(sendings, delays, faults, async (sent, ticks, draws) => {
        const looked: Looked = new Map();
        const log = new InMemoryEventStore();
        const keys = new InMemoryKeyStore();
        await using snapshots = new SnapshotKeeper({ store: new InMemorySnapshotStore() });
        const processes = [0, 1].map(() => {
          const aggregates = [purses(kind, looked, creates)];
          const lossy = withFaults(log, ['append', 'readStream', 'query'], () => draws.next().value === 0);
          const eventStore = encryptedEventStore(
            slow(lossy, () => ticks.next().value ?? 0),
            { aggregates, keys },
          );
          return createCommandHandler({ aggregates, eventStore, snapshots, maxAttempts: 500, conflictPauseMs: () => 0 });
        });
        const answered = await sendAll(sent, processes);
        const { events } = await log.readLog({ pageSize: 10_000 });
        expectSerial(events, answered, looked);
      }),
      { numRuns: 60 },
    );
  },
);

function slow(store: EventStore, ticks: () => number): EventStore {
  const late = <A extends readonly unknown[], R>(call: (...args: A) => Promise<R>) => {
    return async (...args: A): Promise<R> => {
      for (let left = ticks(); left > 0; left--) await new Promise(setImmediate);
      return await call(...args);
    };
  };
  return Object.assign(Object.create(store), {
    append: late((request) => store.append(request)),
    readStream: late((stream, reading) => store.readStream(stream, reading)),
    query: late((query) => store.query(query)),
  } satisfies Partial<EventStore>);
}
