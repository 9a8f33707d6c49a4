import { type LogIdentity, type Projection, type ReadModelAdvance, rowKeyText } from '@kiroku/core';
import { ledger, readModelStoreContract, throwAwayDatabase } from '@kiroku/testing';
import { describe, expect, test } from 'vitest';
import { migrate } from '../migrate/migrate.ts';
import { createPool, type Pool } from '../pool.ts';
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

function rowsOf(pool: Pool, projection: Projection, table: string): Promise<Record<string, unknown>[]> {
  return pool.query(`select * from "${projectionSchema(projection)}"."${table}"`).then(({ rows }) => rows);
}

readModelStoreContract('PostgresReadModelStore', async () => {
  const { pool, store, [Symbol.asyncDispose]: end } = await subject();
  return { store, rows: (projection, table) => rowsOf(pool, projection, table), [Symbol.asyncDispose]: end };
});

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
    await given.store.apply({ projection: ledger, after: 0, position: 1, log, touched: {}, fold: () => [] });
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
    await expect
      .poll(() =>
        given.superuser.query(`select from pg_stat_activity where query = 'listen kiroku_read_models'`).then(({ rowCount }) => rowCount),
      )
      .toBeGreaterThan(0);
    await given.store.apply({
      projection: ledger,
      after: 0,
      position: 9,
      log,
      touched: {},
      fold: () => [{ table: 'day', upserts, deletes: [] }],
    });
    await expect.poll(() => told).toEqual([{ projection: 'contract-ledger', version: 1, position: 9, changed: undefined }]);
    listening.abort();
    await end;
  });

  test('are heard again after the listening connection was killed', async () => {
    await using given = await subject();
    await given.store.prepare(ledger, log);
    const listening = new AbortController();
    const advances = given.store.advances(listening.signal)[Symbol.asyncIterator]();
    const next = advances.next();
    const kill = `select pg_terminate_backend(pid) from pg_stat_activity where query = 'listen kiroku_read_models' and datname = current_database()`;
    await expect.poll(async () => (await given.superuser.query(kill)).rowCount).toBe(1);
    let position = 0;
    let heard = false;
    const hearing = next.then(() => {
      heard = true;
    });
    while (!heard) {
      await given.store.apply({ projection: ledger, after: position, position: ++position, log, touched: {}, fold: () => [] });
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
    const count = (after: number): Promise<void> =>
      given.store.apply({
        projection: byTime,
        after,
        position: after + 1,
        log,
        touched: { moment: [key] },
        fold: ({ moment }) => {
          const n = Number(moment?.get(rowKeyText({ key: ['at'] }, key))?.n ?? 0);
          return [{ table: 'moment', upserts: [{ ...key, n: n + 1 }], deletes: [] }];
        },
      });
    await count(0);
    await count(1);
    expect(await rowsOf(given.pool, byTime, 'moment')).toEqual([{ at: '2026-11-24T10:00:00.500000Z', n: 2 }]);
  });

  test('keep one checkpoint, not its history', async () => {
    await using given = await subject();
    await given.store.prepare(ledger, log);
    for (let after = 0; after < 1_100; after++) {
      await given.store.apply({ projection: ledger, after, position: after + 1, log, touched: {}, fold: () => [] });
    }
    const kept = await given.pool.query<{ count: number }>('select count(*) from kiroku.advances');
    expect(kept.rows[0]?.count).toBeLessThan(110);
    const view = await given.pool.query('select projection, version, partition, position, log_id, timeline from kiroku.checkpoints');
    expect(view.rows).toEqual([{ projection: 'contract-ledger', version: 1, partition: 0, position: 1_100, log_id: log.id, timeline: 1 }]);
  });
});

function table(columns: Projection['tables'][string]['columns']): Projection['tables'][string] {
  const key = Object.keys(columns).filter((column) => columns[column]?.endsWith(' key'));
  return { columns, key, indexes: [], keys: () => [], fold: (row) => row };
}
