import {
  type LogIdentity,
  type PartitionLease,
  type Projection,
  type ProjectionBatch,
  type ReadModelAdvance,
  rowKeyText,
} from '@kiroku/core';
import { ledger, readModelStoreContract, throwAwayDatabase } from '@kiroku/testing';
import { describe, expect, test, vi } from 'vitest';
import { migrate } from '../migrate/migrate.ts';
import { createPool, type Pool } from '../pool.ts';
import { PostgresReadModelBuilds } from '../read-model-builds/postgres-read-model-builds.ts';
import { planTables } from './plan-tables.ts';
import { PostgresReadModelStore } from './postgres-read-model-store.ts';
import { projectionSchema } from './table-sql.ts';

const log: LogIdentity = { id: '0199f0a0-0000-7000-8000-000000000001', timeline: 1 };

interface Subject extends AsyncDisposable {
  readonly pool: Pool;
  readonly superuser: Pool;
  readonly store: PostgresReadModelStore;
}

async function subject(): Promise<Subject> {
  const database = await throwAwayDatabase('query_db', migrate);
  const pool = createPool({ url: database.serviceUrl, applicationName: 'kiroku-tests' });
  const superuser = createPool({ url: database.url, applicationName: 'kiroku-tests' });
  const end = async (): Promise<void> => {
    await Promise.all([pool.end(), superuser.end()]);
    await database[Symbol.asyncDispose]();
  };
  return { pool, superuser, store: new PostgresReadModelStore({ pool }), [Symbol.asyncDispose]: end };
}

function rowsOf(pool: Pool, projection: Projection, table: string, build = 1): Promise<Record<string, unknown>[]> {
  return pool.query(`select * from "${projectionSchema(projection, build)}"."${table}"`).then(({ rows }) => rows);
}

async function leaseOf(store: PostgresReadModelStore, projection: Projection = ledger, instance = 'one'): Promise<PartitionLease> {
  const [lease] = await store.attend({ instance, projections: [projection], leaseMs: 60_000 });
  if (lease === undefined) throw new Error('it was prepared');
  return lease;
}

function nothing(lease: PartitionLease, after: number, position = after + 1): ProjectionBatch {
  return { lease, after, position, log, touched: {}, fold: () => ({ changes: [], parks: [] }) };
}

readModelStoreContract('PostgresReadModelStore', async () => {
  const { pool, store, [Symbol.asyncDispose]: end } = await subject();
  return {
    store,
    rows: (projection, table, build) => rowsOf(pool, projection, table, build),
    setPaused: async ({ name }, paused) => {
      const at = paused ? 'clock_timestamp()' : 'null';
      await pool.query(`update kiroku.projection_versions set paused_at = ${at} where projection = $1`, [name]);
    },
    addBuild: async (projection, { id, timeline }) => {
      const { name, version } = projection;
      const schema = projectionSchema(projection, 2);
      await pool.query(`create schema ${schema}`);
      for (const ddl of planTables(schema, projection)) await pool.query(ddl);
      await pool.query(`insert into kiroku.projection_builds (projection, version, build, state) values ($1, $2, 2, 'ready')`, [
        name,
        version,
      ]);
      await pool.query(
        'insert into kiroku.projection_partitions (projection, version, build, partition, log_id, timeline) values ($1, $2, 2, 0, $3, $4)',
        [name, version, id, timeline],
      );
      return 2;
    },
    switchTo: async ({ name, version }, build) => {
      await pool.query('update kiroku.projection_versions set active_build = $3 where projection = $1 and version = $2', [
        name,
        version,
        build,
      ]);
    },
    [Symbol.asyncDispose]: end,
  };
});

/** Other tests have listeners on the same server. */
const fromListeners = `from pg_stat_activity where query = 'listen kiroku_read_models' and state = 'idle' and datname = current_database()`;

describe('read models in PostgreSQL', () => {
  test('stand in a schema per projection version, with their indexes', async () => {
    await using given = await subject();
    await given.store.prepare(ledger, log);
    const indexes = await given.pool.query(
      `select indexdef from pg_indexes where schemaname = 'contract_ledger_v1' and tablename = 'account'`,
    );
    expect(indexes.rows.map(({ indexdef }) => indexdef.replace(/^.* using /i, ''))).toEqual(
      expect.arrayContaining(['btree (id)', 'btree (balance, id)', 'btree (opened_at)']),
    );
  });

  test('refuse a definition that differs from the tables, naming the difference', async () => {
    await using given = await subject();
    await given.store.prepare(ledger, log);
    const { account } = ledger.tables;
    if (account === undefined) throw new Error('the sample has this table');
    const { last_note: _, ...columns } = account.columns;
    const changed = {
      ...ledger,
      tables: { ...ledger.tables, account: { ...account, columns: { ...columns, balance: 'text', extra: 'date?' } } },
    } as const;
    await expect(given.store.prepare(changed, log)).rejects.toThrow(
      /account\.balance is bigint not null, declared as text not null; account\.extra is not there, declared as date; account\.last_note is text, declared as nothing.*raise the projection's version to 2/,
    );
  });

  test('belong to the services also when a superuser prepares them', async () => {
    await using given = await subject();
    await new PostgresReadModelStore({ pool: given.superuser }).prepare(ledger, log);
    await given.store.apply(nothing(await leaseOf(given.store), 0));
    expect(await given.store.checkpoint(ledger)).toBe(1);
  });

  test('tell that there were too many changes to name', async () => {
    await using given = await subject();
    await given.store.prepare(ledger, log);
    const upserts = Array.from({ length: 1_000 }, (_, n) => ({ day: '2026-11-24', account: `account ${n}`, entries: n }));
    const listening = new AbortController();
    const told: ReadModelAdvance[] = [];
    const end = (async () => {
      for await (const advance of given.store.advances(listening.signal)) told.push(advance);
    })();
    await expect.poll(() => given.superuser.query(`select ${fromListeners}`).then(({ rowCount }) => rowCount)).toBeGreaterThan(0);
    const changes = [{ table: 'day', upserts, deletes: [] }];
    await given.store.apply({ ...nothing(await leaseOf(given.store), 0, 9), fold: () => ({ changes, parks: [] }) });
    const where = { projection: 'contract-ledger', version: 1, build: 1, partition: 0 };
    await expect.poll(() => told).toEqual([{ ...where, position: 9, changed: undefined }]);
    listening.abort();
    await end;
  });

  test('are heard again after the listening connection was killed', async () => {
    await using given = await subject();
    await given.store.prepare(ledger, log);
    const listening = new AbortController();
    const advances = given.store.advances(listening.signal)[Symbol.asyncIterator]();
    const next = advances.next();
    const kill = `select pg_terminate_backend(pid) ${fromListeners}`;
    await expect.poll(async () => (await given.superuser.query(kill)).rowCount).toBe(1);
    const lease = await leaseOf(given.store);
    let position = 0;
    let heard = false;
    const hearing = next.then(() => {
      heard = true;
    });
    while (!heard) {
      await given.store.apply(nothing(lease, position++));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await hearing;
    expect((await next).value?.projection).toBe('contract-ledger');
    listening.abort();
    await advances.return?.();
  });

  test('find a row again by a timestamp that was written with fewer digits', async () => {
    await using given = await subject();
    const byTime = { ...ledger, name: 'by-time', tables: { moment: { ...table({ at: 'timestamp key', n: 'integer' }) } } };
    await given.store.prepare(byTime, log);
    const key = { at: '2026-11-24T10:00:00.5Z' };
    const lease = await leaseOf(given.store, byTime);
    const count = (after: number): Promise<void> =>
      given.store.apply({
        ...nothing(lease, after),
        touched: { moment: [key] },
        fold: ({ rows: { moment } }) => {
          const n = Number(moment?.get(rowKeyText({ key: ['at'] }, key))?.n ?? 0);
          return { changes: [{ table: 'moment', upserts: [{ ...key, n: n + 1 }], deletes: [] }], parks: [] };
        },
      });
    await count(0);
    await count(1);
    expect(await rowsOf(given.pool, byTime, 'moment')).toEqual([{ at: '2026-11-24T10:00:00.500000Z', n: 2 }]);
  });

  test('name the row that PostgreSQL refuses, and write nothing', async () => {
    await using given = await subject();
    await given.store.prepare(ledger, log);
    const day = (date: string) => ({ day: date, account: 'ann', entries: 1 });
    const changes = [{ table: 'day', upserts: [day('2026-02-28'), day('2026-02-30')], deletes: [] }];
    const apply = given.store.apply({ ...nothing(await leaseOf(given.store), 0), fold: () => ({ changes, parks: [] }) });
    await expect(apply).rejects.toMatchObject({ code: 'RowInvalid', details: { table: 'day', keyText: '["2026-02-30","ann"]' } });
    expect(await rowsOf(given.pool, ledger, 'day')).toEqual([]);
    expect(await given.store.checkpoint(ledger)).toBe(0);
  });

  test('are refused when a table of a build that has rows is not there any more', async () => {
    await using given = await subject();
    await given.store.prepare(ledger, log);
    await given.superuser.query('drop table contract_ledger_v1.day');
    await expect(given.store.prepare(ledger, log)).rejects.toThrow(/the table day is not there/);
  });

  test.each([
    ['alter table account drop column last_note', /account\.last_note is not there, declared as text.*rebuild contract-ledger/],
    [
      "alter table account add shelf text not null default ''; alter table account alter shelf drop default",
      /account\.shelf is text not null, declared as nothing.*rebuild contract-ledger/,
    ],
    [
      'alter table account alter balance type text',
      /account\.balance is text not null, declared as bigint not null.*rebuild contract-ledger/,
    ],
  ])('that were altered by hand are named (%s), and no row is blamed', async (change, message) => {
    await using given = await subject();
    await given.store.prepare(ledger, log);
    const lease = await leaseOf(given.store);
    const apply = (after: number) =>
      given.store.apply({
        ...nothing(lease, after),
        touched: { account: [{ id: 'ann' }] },
        fold: () => ({ changes: [{ table: 'account', upserts: [account], deletes: [] }], parks: [] }),
      });
    await apply(0);
    await given.superuser.query(`begin; set local search_path = contract_ledger_v1; ${change}; commit`);
    await expect(apply(1)).rejects.toMatchObject({ code: 'DefinitionInvalid', message: expect.stringMatching(message) });
    expect(await given.store.checkpoint(ledger)).toBe(1);
  });

  test('that were altered by hand are named also where operations read and repair them', async () => {
    await using given = await subject();
    await given.store.prepare(ledger, log);
    const builds = new PostgresReadModelBuilds({ pool: given.pool });
    const made = await builds.create(ledger, { log, job: '0199f0a0-0000-7000-8000-000000000002' });
    await given.superuser.query('alter table contract_ledger_v1.account drop column last_note');
    const from = { projection: ledger, build: 1 };
    const altered = { code: 'DefinitionInvalid', message: expect.stringContaining('account.last_note is not there') };
    const repaired = [{ table: 'account', upserts: [account], deletes: [] }];
    await expect(builds.carryOver(made, from, () => Promise.resolve({}))).rejects.toMatchObject(altered);
    await expect(builds.repair(from, 0, () => Promise.resolve(repaired))).rejects.toMatchObject(altered);
  });

  test('of a build that is only kept may have been altered: what is read is prepared all the same', async () => {
    await using given = await subject();
    await given.store.prepare(ledger, log);
    const builds = new PostgresReadModelBuilds({ pool: given.pool });
    await builds.finish(await builds.create(ledger, { log, job: '0199f0a0-0000-7000-8000-000000000002' }), { position: 0, parked: [] });
    await given.superuser.query('alter table contract_ledger_v1_b2.account drop column last_note');
    await given.store.prepare(ledger, log);
    await builds.switchTo({ projection: ledger, build: 2 });
    await expect(given.store.prepare(ledger, log)).rejects.toMatchObject({ code: 'DefinitionInvalid' });
  });

  test('are taken over from a process that stands still in the middle of a batch', async () => {
    await using given = await subject();
    await given.store.prepare(ledger, log);
    const [lease] = await given.store.attend({ instance: 'one', projections: [ledger], leaseMs: 50 });
    if (lease === undefined) throw new Error('it was prepared');
    const still = await given.pool.connect();
    await still.query(
      'begin; set local idle_in_transaction_session_timeout = 300; select from kiroku.projection_partitions for no key update',
    );
    const taken = await vi.waitUntil(
      async () => (await given.store.attend({ instance: 'two', projections: [ledger], leaseMs: 50 }))[0],
      15_000,
    );
    expect(taken.epoch).toBeGreaterThan(lease.epoch);
    still.release(true);
  });

  test('keep one checkpoint, not its history', async () => {
    await using given = await subject();
    await given.store.prepare(ledger, log);
    const lease = await leaseOf(given.store);
    for (let after = 0; after < 1_100; after++) await given.store.apply(nothing(lease, after));
    const kept = await given.pool.query<{ count: number }>('select count(*) from kiroku.advances');
    expect(kept.rows[0]?.count).toBeLessThan(110);
    const view = await given.pool.query('select projection, version, partition, position, log_id, timeline from kiroku.checkpoints');
    expect(view.rows).toEqual([{ projection: 'contract-ledger', version: 1, partition: 0, position: 1_100, log_id: log.id, timeline: 1 }]);
  });
});

const account = {
  id: 'ann',
  balance: 1,
  blocked: false,
  opened_at: '2026-11-24T10:00:00Z',
  opened_on: '2026-11-24',
  last_note: null,
  entries: [],
};

function table(columns: Projection['tables'][string]['columns']): Projection['tables'][string] {
  const key = Object.keys(columns).filter((column) => columns[column]?.endsWith(' key'));
  return { columns, key, indexes: [], keys: () => [], fold: (row) => row };
}
