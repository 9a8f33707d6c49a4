import { command, defineAggregate, defineEvents, defineProjection, readAggregate, readEvents, reject } from '@kiroku/core';
import { createPool, migrate, PostgresEventStore, PostgresReadModelStore, projectionSchema } from '@kiroku/postgres';
import { throwAwayDatabase } from '@kiroku/testing';
import { v7 as uuid } from 'uuid';
import { expect, test, vi } from 'vitest';
import * as z from 'zod';
import type { FollowerStatus } from '../follow-log/follower-status.ts';
import { ProjectionWorker } from '../run-projection/projection-worker.ts';
import { createCommandHandler } from './create-command-handler.ts';

const money = z.strictObject({ cents: z.int(), currency: z.string() });

// Release 1 wrote { euro }, release 2 { cents }, release 3 writes { amount: { cents, currency } }.
const events = defineEvents({
  Paid: {
    schema: z.strictObject({ account: z.string(), amount: money }),
    version: 3,
    upcasters: {
      1: ({ euro, ...rest }) => ({ ...rest, cents: Number(euro) * 100 }),
      2: ({ cents, ...rest }) => ({ ...rest, amount: { cents, currency: 'EUR' } }),
    },
    tags: ({ account }) => [`account:${account}`],
  },
});
const accountState = {
  name: 'account',
  events,
  initialState: { cents: 0 },
  evolve: {
    Paid: ({ cents }: { readonly cents: number }, { data }: { readonly data: { readonly amount: z.output<typeof money> } }) => ({
      cents: cents + data.amount.cents,
    }),
  },
};
const account = defineAggregate({
  ...accountState,
  commands: {
    Pay: command({
      schema: z.strictObject({ account: z.string(), cents: z.int() }),
      target: (data) => data.account,
      reads: (data) => ({
        itself: readAggregate(accountState, data.account),
        tagged: readEvents({
          events,
          query: [{ tags: [`account:${data.account}`] }],
          initial: 0,
          fold: { Paid: (sum, event) => sum + event.data.amount.cents },
        }),
      }),
    }),
  },
  decide: {
    Pay: (state, { data }, { itself, tagged }) =>
      data.cents < 0
        ? reject('Refused', 'It says what it has seen.', { own: state.cents, itself: itself.cents, tagged })
        : [{ type: 'Paid', data: { account: data.account, amount: { cents: data.cents, currency: 'EUR' } } }],
  },
});
const balances = defineProjection({
  name: 'balances',
  version: 1,
  events,
  tables: {
    balance: {
      columns: { account: 'text key', cents: 'integer', currency: 'text' },
      on: {
        Paid: {
          keys: ({ data }) => ({ account: data.account }),
          fold: (row, { data }) => ({
            account: data.account,
            cents: (row?.cents ?? 0) + data.amount.cents,
            currency: data.amount.currency,
          }),
        },
      },
    },
  },
});

test('events of three schema versions in one stream are one history: in the state, in reads, in a read model', async () => {
  await using given = await installation();
  await given.write(1, { account: 'a', euro: 3 });
  await given.write(2, { account: 'a', cents: 250 });
  await given.write(3, { account: 'a', amount: { cents: 25, currency: 'EUR' } });
  await given.write(1, { account: 'a', euro: 1 });
  const seen = await given.pay(-1);
  expect(seen).toMatchObject({ outcome: 'rejected', rejection: { details: { own: 675, itself: 675, tagged: 675 } } });
  expect(await given.pay(10)).toMatchObject({ outcome: 'accepted', version: 5 });
  await given.until(({ position }) => position === 5);
  expect(await given.rows()).toEqual([{ account: 'a', cents: 685, currency: 'EUR' }]);
  const stored = await given.eventStore.readStream('account-a');
  expect(stored.map(({ schemaVersion }) => schemaVersion)).toEqual([1, 2, 3, 1, 3]);
  expect(stored[0]?.data).toEqual({ account: 'a', euro: 3 });
});

test('a newer version refuses the commands that would have to read it, and stalls the read model before it', async () => {
  await using given = await installation();
  await given.write(3, { account: 'a', amount: { cents: 25, currency: 'EUR' } });
  await given.until(({ position }) => position === 1);
  await given.write(4, { account: 'a', total: 'unknown' });
  await given.write(3, { account: 'b', amount: { cents: 1, currency: 'EUR' } });
  await expect(given.pay(10)).rejects.toMatchObject({ code: 'UnknownEvent', message: expect.stringContaining('up to schema version 3') });
  const { error, position } = await given.until(({ state }) => state === 'stalled');
  expect(error).toMatchObject({ code: 'UnknownEvent', details: { position: 2, stream: 'account-a', type: 'Paid' } });
  expect(error?.message).toContain('deploy that code');
  expect(position).toBe(1);
  expect(await given.rows()).toEqual([{ account: 'a', cents: 25, currency: 'EUR' }]);
});

test('a type nobody defined in the stream of an aggregate refuses its commands, and concerns no read model', async () => {
  await using given = await installation();
  await given.write(3, { account: 'a', amount: { cents: 25, currency: 'EUR' } });
  await given.write(1, { account: 'a' }, 'Blocked');
  await expect(given.pay(10)).rejects.toMatchObject({ code: 'UnknownEvent', message: expect.stringContaining('no definition of Blocked') });
  await given.until(({ position }) => position === 2);
  expect((await given.eventStore.head()).position).toBe(2);
});

async function installation() {
  const [log, query] = await Promise.all([throwAwayDatabase('event_store', migrate), throwAwayDatabase('query_db', migrate)]);
  const pool = createPool({ url: query.serviceUrl, applicationName: 'kiroku-tests' });
  const eventStore = new PostgresEventStore({ url: log.serviceUrl });
  const readModels = new PostgresReadModelStore({ pool });
  const worker = new ProjectionWorker({
    eventStore,
    readModels,
    projections: [balances],
    instance: 'test',
    retry: { baseMs: 5, capMs: 20 },
  });
  await worker.start();
  const handle = createCommandHandler({ aggregates: [account], eventStore });
  return {
    eventStore,
    write: (
      schemaVersion: number,
      data: { readonly account: string; readonly [key: string]: string | number | { readonly [key: string]: string | number } },
      type = 'Paid',
    ) =>
      eventStore.append({
        streams: [
          {
            stream: `account-${data.account}`,
            expectedVersion: 'any',
            events: [{ type, schemaVersion, data, tags: [`account:${data.account}`] }],
          },
        ],
      }),
    pay: (cents: number) =>
      handle({ type: 'Pay', data: { account: 'a', cents }, id: uuid(), at: '2026-11-24T10:00:00.000Z', metadata: {} }),
    until: (holds: (status: FollowerStatus) => boolean) =>
      vi.waitFor(
        async () => {
          const [status] = worker.status().partitions;
          if (status === undefined || !holds(status)) throw new Error(`The read model is ${status?.state} at ${status?.position}.`);
          return status;
        },
        { timeout: 30_000, interval: 10 },
      ),
    rows: async () => (await pool.query(`select * from ${projectionSchema(balances)}.balance order by account`)).rows,
    async [Symbol.asyncDispose]() {
      await worker.stop();
      await eventStore.stop();
      await pool.end();
      await Promise.all([log[Symbol.asyncDispose](), query[Symbol.asyncDispose]()]);
    },
  };
}
