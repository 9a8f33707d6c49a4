import { createPool, migrate, PostgresEventStore, PostgresProcessManagerStore } from '@kiroku/postgres';
import { counting, tally, tallyEffects, throwAwayDatabase } from '@kiroku/testing';
import { v7 as uuid } from 'uuid';
import { expect, test } from 'vitest';
import { createCommandHandler } from '../handle-command/create-command-handler.ts';
import { CommandDelivery } from './command-delivery.ts';
import { ProcessManagerRunner } from './process-manager-runner.ts';

const tallies = Array.from({ length: 30 }, (_, n) => ({ id: `${n}`, upTo: 1 + (n % 5), limit: n % 7 }));

test('every command takes effect once, though two instances share the work and connections are killed on the way', async () => {
  await using given = await twoInstances();
  const killing = setInterval(() => given.killConnections(), 40);
  for (const { id, upTo, limit } of tallies) {
    await given.send({ type: 'Start', data: { tally: id, upTo, limit }, id: uuid(), at: '2026-11-24T10:00:00.000Z', metadata: {} });
  }
  setTimeout(() => clearInterval(killing), 500);
  await expect.poll(given.progress, { interval: 50, timeout: 60_000 }).toEqual({ done: 30 });
  for (const { id, upTo, limit } of tallies) {
    const accepted = Math.min(upTo, limit);
    expect(await tallyEffects(given.eventStore, id)).toEqual({ Started: 1, Counted: accepted, Complained: upTo - accepted });
  }
});

async function twoInstances() {
  const log = await throwAwayDatabase('event_store', migrate);
  const own = await throwAwayDatabase('command_db', migrate);
  const superuser = createPool({ url: own.url, applicationName: 'kiroku-tests' });
  const pool = createPool({ url: own.serviceUrl, applicationName: 'kiroku-tests-instance' });
  const eventStore = new PostgresEventStore({ url: log.serviceUrl });
  const store = new PostgresProcessManagerStore({ pool });
  const handle = createCommandHandler({ aggregates: [tally], eventStore });
  const retry = { baseMs: 5, capMs: 20 };
  const instances = [1, 2].map(() => {
    const delivery = new CommandDelivery({ store, processManagers: [counting], handle, leaseMs: 100, pollMs: 20, retry });
    const runner = new ProcessManagerRunner({
      eventStore,
      store,
      processManager: counting,
      retry,
      leaseMs: 400,
      delivery,
    });
    return { delivery, runner };
  });
  for (const { delivery, runner } of instances) {
    await runner.start();
    delivery.start();
  }
  return {
    eventStore,
    send: handle,
    /** Number of instances by status; those with commands to settle count as running. */
    progress: async () => {
      const { rows } = await superuser.query<{ status: string; count: number }>(`
        select case when unsettled then 'running' else status end as status, count(*)
        from (
          select status, exists (
            select from kiroku.outgoing_commands as command where command.instance = each.instance and settled_at is null
          ) as unsettled
          from kiroku.process_instances as each
        ) as instances
        group by 1`);
      return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
    },
    killConnections: (): void => {
      const kill = `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'kiroku-tests-instance' and datname = current_database()`;
      superuser.query(kill).catch(() => undefined); // the test may just have ended
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(instances.flatMap(({ delivery, runner }) => [delivery.stop(), runner.stop()]));
      await eventStore.stop();
      await Promise.all([pool.end(), superuser.end()]);
      await Promise.all([log[Symbol.asyncDispose](), own[Symbol.asyncDispose]()]);
    },
  };
}
