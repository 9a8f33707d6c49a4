import { command, defineAggregate, defineEvents, reject } from '@kiroku/core';
import { createPool, migrate, PostgresEventStore, PostgresSnapshotStore } from '@kiroku/postgres';
import { throwAwayDatabase } from '@kiroku/testing';
import fc from 'fast-check';
import { v7 as uuid } from 'uuid';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { createCommandHandler } from '../handle-command/create-command-handler.ts';
import { SnapshotKeeper } from './snapshot-keeper.ts';

const amount = z.strictObject({ id: z.string(), amount: z.int() });
const account = defineAggregate({
  name: 'account',
  events: defineEvents({ Paid: { schema: amount }, Drawn: { schema: amount } }),
  initialState: 0,
  snapshot: { every: 4, stateVersion: 1 },
  commands: { Pay: command({ schema: amount, target: ({ id }) => id }), Draw: command({ schema: amount, target: ({ id }) => id }) },
  evolve: { Paid: (sum, { data }) => sum + data.amount, Drawn: (sum, { data }) => sum - data.amount },
  decide: {
    Pay: (_, { data }) => [{ type: 'Paid', data }],
    Draw: (sum, { data }) => (sum < data.amount ? reject('TooPoor', 'No.', { sum }) : [{ type: 'Drawn', data }]),
  },
});

/** What a disk, a person or a restore may do to kept states. */
const harms = [
  'select 1',
  'delete from kiroku.snapshots',
  `update kiroku.snapshots set state = '1000000'`,
  `update kiroku.snapshots set state = state || '"'`,
  'update kiroku.snapshots set version = version + 3',
  'update kiroku.snapshots set event_id = gen_random_uuid()',
  `update kiroku.snapshots set checksum = sha256('x'::bytea)`,
  'alter table kiroku.snapshots rename to lost_snapshots',
  'alter table if exists kiroku.lost_snapshots rename to snapshots',
];

test('whatever is done to the kept states, every decision is what it would be without them', async () => {
  await using database = await throwAwayDatabase('event_store', migrate);
  const superuser = createPool({ url: database.url, applicationName: 'kiroku-tests', max: 1 });
  const pool = createPool({ url: database.serviceUrl, applicationName: 'kiroku-tests' });
  const eventStore = new PostgresEventStore({ pool });
  const plain = createCommandHandler({ aggregates: [account], eventStore });
  let faults = 0;
  let used = 0;
  const store = new PostgresSnapshotStore({ pool });
  const counted = {
    save: store.save.bind(store),
    load: async (...args: Parameters<typeof store.load>) => {
      const found = await store.load(...args);
      if (found !== undefined) used++;
      return found;
    },
  };
  const keeper = new SnapshotKeeper({ store: counted, onFault: () => faults++ });
  const kept = createCommandHandler({ aggregates: [account], eventStore, snapshots: keeper, cache: { maxAgeMs: 0 } });
  const step = fc.record({
    type: fc.constantFrom('Pay', 'Draw', 'Draw'),
    amount: fc.integer({ min: 1, max: 9 }),
    harm: fc.nat({ max: 40 }),
  });
  for (const { type, amount, harm } of fc.sample(step, { numRuns: 400, seed: 11 })) {
    const sql = harms[harm];
    if (sql !== undefined) await superuser.query(sql).catch(() => undefined); // the table may just be away
    const send = (handle: typeof plain, id: string) =>
      handle({ type, data: { id, amount }, id: uuid(), at: '2026-11-24T10:00:00.000Z', metadata: {} });
    const [one, other] = [await send(plain, 'plain'), await send(kept, 'kept')];
    expect({ ...other, stream: '', position: 0 }).toEqual({ ...one, stream: '', position: 0 });
  }
  await keeper.stop();
  expect(used).toBeGreaterThan(100);
  expect(faults).toBeGreaterThan(0);
  await eventStore.stop();
  await Promise.all([pool.end(), superuser.end()]);
});
