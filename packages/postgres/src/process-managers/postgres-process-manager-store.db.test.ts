import type { CommandOutcome, InstanceStatus, JsonObject, ProcessStep } from '@kiroku/core';
import { processManagerStoreContract, throwAwayDatabase } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { migrate } from '../migrate/migrate.ts';
import { createPool } from '../pool.ts';
import { PostgresProcessManagerStore } from './postgres-process-manager-store.ts';

interface InstanceRow {
  readonly id: string;
  readonly state: JsonObject;
  readonly status: InstanceStatus;
  readonly failure: string | null;
}
interface StepRow {
  readonly instance: string;
  readonly kind: ProcessStep['kind'];
  readonly what: string;
  readonly reference: string | null;
}
interface CommandRow {
  readonly outcome: CommandOutcome | null;
  readonly last_error: string | null;
}

processManagerStoreContract('PostgresProcessManagerStore', async () => {
  const database = await throwAwayDatabase('command_db', migrate);
  const pool = createPool({ url: database.serviceUrl, applicationName: 'kiroku-tests' });
  return {
    store: new PostgresProcessManagerStore({ pool }),
    async instance(processManager, id) {
      const sql =
        'select instance as id, state, status, failure from kiroku.process_instances where process_manager = $1 and instance = $2';
      const { rows } = await pool.query<InstanceRow>(sql, [processManager, id]);
      return rows.map(({ failure, ...rest }) => ({ ...rest, ...(failure !== null && { failure }) }))[0];
    },
    async history(processManager, instance) {
      const sql =
        'select instance, kind, what, reference from kiroku.process_history where process_manager = $1 and instance = $2 order by number';
      const { rows } = await pool.query<StepRow>(sql, [processManager, instance]);
      return rows.map(({ reference, ...rest }) => ({ ...rest, ...(reference !== null && { reference }) }));
    },
    async command(id) {
      const { rows } = await pool.query<CommandRow>('select outcome, last_error from kiroku.outgoing_commands where id = $1', [id]);
      return rows.map(({ outcome, last_error }) => ({
        ...(outcome && { outcome }),
        ...(last_error !== null && { lastError: last_error }),
      }))[0];
    },
    async [Symbol.asyncDispose]() {
      await pool.end();
      await database[Symbol.asyncDispose]();
    },
  };
});

test('a backlog of commands that are due for long is worked off one claim after the other', async () => {
  await using given = await booking();
  const { store, pool, partitions } = given;
  const ids = [1, 2, 3].map((n) => `0199f0a0-0000-7000-8000-00000000010${n}`);
  const commands = ids.map((id) => ({ id, processManager: 'booking', instance: 't', type: 'Pay', data: {}, metadata: {} }));
  const react = () => ({ instances: [{ id: 't', state: {}, status: 'running' as const }], commands });
  await store.advance({ processManager: 'booking', partitions, position: 1, instances: [], react });
  await pool.query("update kiroku.outgoing_commands set due_at = due_at - interval '1 hour'");
  const claimed: string[] = [];
  for (let looks = 0; looks < 3; looks += 1) claimed.push(...(await store.claim({ limit: 1, leaseMs: 60_000 })).map(({ id }) => id));
  expect(claimed).toEqual(ids);
});

test('a process removes the outdated checkpoints that those before it have left, and no others', async () => {
  await using given = await booking();
  const { pool, partitions } = given;
  const left =
    "insert into kiroku.advances (process_manager, partition, position) select 'booking', p, n from generate_series(0, 3) as p, generate_series(1, 9) as n";
  await pool.query(left);
  const [first, ...others] = partitions.map(({ lease }) => ({ lease, after: 9 }));
  const move = (moved: typeof partitions) =>
    given.store.advance({
      processManager: 'booking',
      partitions: moved,
      position: 10,
      instances: [],
      react: () => ({ instances: [], commands: [] }),
    });
  const kept = async () => {
    const { rows } = await pool.query<{ count: number }>(
      'select count(*)::integer as count from kiroku.advances group by partition order by partition',
    );
    return rows.map(({ count }) => count);
  };
  await move(first === undefined ? [] : [first]);
  expect(await kept()).toEqual([1, 9, 9, 9]);
  await move(others);
  expect(await kept()).toEqual([1, 1, 1, 1]);
});

test('a process keeps few of the checkpoints that it has moved', async () => {
  await using given = await booking();
  const { lease } = given.partitions[0] ?? {};
  if (lease === undefined) throw new Error('it holds all');
  for (let after = 0; after < 1_010; after++) {
    const partitions = [{ lease, after }];
    await given.store.advance({
      processManager: 'booking',
      partitions,
      position: after + 1,
      instances: [],
      react: () => ({ instances: [], commands: [] }),
    });
  }
  const { rows } = await given.pool.query<{ count: number }>('select count(*)::integer as count from kiroku.advances');
  expect(rows[0]?.count).toBeLessThan(200);
});

test('what is written stays written when outdated checkpoints cannot be removed', async () => {
  await using given = await booking();
  await given.superuser('revoke delete on kiroku.advances from kiroku_service');
  const { store, partitions } = given;
  await store.advance({
    processManager: 'booking',
    partitions,
    position: 1,
    instances: [],
    react: () => ({ instances: [], commands: [] }),
  });
  expect(await store.checkpoint('booking')).toBe(1);
});

test('who has not been there for long is forgotten', async () => {
  await using given = await booking();
  await given.store.attend({ instance: 'gone', processManagers: ['booking'], leaseMs: 1 });
  await new Promise((resolve) => setTimeout(resolve, 20));
  await given.store.attend({ instance: 'test', processManagers: ['booking'], leaseMs: 60_000 });
  const { rows } = await given.pool.query('select instance from kiroku.process_attendance');
  expect(rows).toEqual([{ instance: 'test' }]);
});

/** A process manager whose partitions are all held. */
async function booking() {
  const database = await throwAwayDatabase('command_db', migrate);
  const pool = createPool({ url: database.serviceUrl, applicationName: 'kiroku-tests' });
  const store = new PostgresProcessManagerStore({ pool });
  await store.prepare('booking', { id: '0199f0a0-0000-7000-8000-000000000001', timeline: 1 });
  const leases = await store.attend({ instance: 'test', processManagers: ['booking'], leaseMs: 60_000 });
  return {
    store,
    pool,
    superuser: async (sql: string) => {
      const owner = createPool({ url: database.url, applicationName: 'kiroku-tests', max: 1 });
      await owner.query(sql);
      await owner.end();
    },
    partitions: leases.map((lease) => ({ lease, after: 0 })),
    async [Symbol.asyncDispose]() {
      await pool.end();
      await database[Symbol.asyncDispose]();
    },
  };
}
