import { ledger, throwAwayDatabase } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { migrate } from '../migrate/migrate.ts';
import { createPool, type Pool } from '../pool.ts';
import { planTables } from './plan-tables.ts';
import { PostgresReadModelStore } from './postgres-read-model-store.ts';
import { queryReadModel } from './query-read-model.ts';
import { projectionSchema } from './table-sql.ts';

const log = { id: '0199f0a0-0000-7000-8000-000000000001', timeline: 1 };
const table = Object.keys(ledger.tables)[0] ?? '';

async function withPool(work: (pool: Pool) => Promise<void>): Promise<void> {
  await using database = await throwAwayDatabase('query_db', migrate);
  await using pool = createPool({ url: database.url, applicationName: 'kiroku-tests' });
  await work(pool);
}

/** Makes build 2 the one that is read. */
async function switchTo2(pool: Pool): Promise<void> {
  const [schema, of] = [projectionSchema(ledger, 2), [ledger.name, ledger.version]];
  await pool.query(`create schema ${schema}`);
  for (const ddl of planTables(schema, ledger)) await pool.query(ddl);
  await pool.query(`insert into kiroku.projection_builds (projection, version, build, state) values ($1, $2, 2, 'ready')`, of);
  await pool.query(
    `insert into kiroku.projection_partitions (projection, version, build, partition, log_id, timeline) values ($1, $2, 2, 0, $3, 1)`,
    [...of, log.id],
  );
  await pool.query('update kiroku.projection_versions set active_build = 2 where projection = $1 and version = $2', of);
}

const whereFrom = (schema: string) => `select $1::text as asked, '${schema}' as schema, count(*) as rows from ${schema}.${table}`;

test('a read model is queried in the build that is read', () =>
  withPool(async (pool) => {
    await new PostgresReadModelStore({ pool }).prepare(ledger, log);
    const query = () => queryReadModel(pool, ledger, { text: whereFrom, values: ['x'] });
    expect(await query()).toEqual({ rows: [{ asked: 'x', schema: projectionSchema(ledger), rows: 0 }], position: 0 });
    await switchTo2(pool);
    expect((await query()).rows).toMatchObject([{ schema: projectionSchema(ledger, 2) }]);
  }));

test('a query whose build is retired before it runs goes to the one that is read by then', () =>
  withPool(async (pool) => {
    await new PostgresReadModelStore({ pool }).prepare(ledger, log);
    const retire = () => switchTo2(pool).then(() => pool.query(`drop schema ${projectionSchema(ledger)} cascade`));
    const found = await queryReadModel(beforeQueries(pool, retire), ledger, { text: whereFrom, values: ['x'] });
    expect(found.rows).toMatchObject([{ schema: projectionSchema(ledger, 2) }]);
  }));

/** The same pool; `first` is done once, between the look for the build and the query. */
function beforeQueries(pool: Pool, first: () => Promise<unknown>): Pool {
  let done: Promise<unknown> | undefined;
  const query = async (statement: string | { readonly text: string }, values: unknown[]) => {
    if (typeof statement === 'string') {
      done ??= first();
      await done;
    }
    return pool.query(statement as string, values); // either is fine
  };
  return new Proxy(pool, { get: (target, name) => (name === 'query' ? query : Reflect.get(target, name)) });
}

test('a read model that is not built, and a table that it does not have, are said to be so', () =>
  withPool(async (pool) => {
    const query = (name: string) => queryReadModel(pool, ledger, { text: (schema) => `select 1 from ${schema}.${name}` });
    await expect(query(table)).rejects.toMatchObject({ code: 'BuildNotReady' });
    await new PostgresReadModelStore({ pool }).prepare(ledger, log);
    await expect(query('nonsense')).rejects.toMatchObject({ code: 'SchemaTooOld' });
  }));
