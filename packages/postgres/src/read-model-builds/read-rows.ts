import type { ReadModel, Row, RowsAtCheckpoint } from '@kiroku/core';
import { KirokuError } from '@kiroku/core';
import type pg from 'pg';
import { toKirokuError } from '../errors.ts';
import type { Pool } from '../pool.ts';
import { withDeclaredTables } from '../read-models/declared-tables.ts';
import { projectionSchema } from '../read-models/table-sql.ts';
import { statement } from '../statement.ts';
import { inTransaction } from '../transaction.ts';
import { qualified } from './build-tables.ts';
import { readCheckpoints } from './carry-over.ts';

const pageSize = 5_000;

/** Gives all rows of a build, its checkpoints and parked keys in one snapshot. */
export function readRows<T>(pool: Pool, build: ReadModel, read: (snapshot: RowsAtCheckpoint) => Promise<T>): Promise<T> {
  return withDeclaredTables(pool, build, () =>
    inTransaction(pool, 'begin isolation level repeatable read read only', async (client) => {
      const checkpoints = await readCheckpoints(client, build);
      const parked = await readParked(client, build);
      return read({ checkpoints, parked, rows: (table) => pagesOf(client, build, table) });
    }),
  );
}

async function readParked(client: pg.ClientBase, { projection, build }: ReadModel): Promise<{ [table: string]: ReadonlySet<string> }> {
  const { rows } = await client.query<{ table_name: string; key_text: string }>({
    ...statement('read_model_builds/list_parked_texts'),
    values: [projection.name, projection.version, build],
  });
  const names = Object.keys(projection.tables);
  return Object.fromEntries(
    names.map((name) => [name, new Set(rows.filter(({ table_name }) => table_name === name).map(({ key_text }) => key_text))]),
  );
}

async function* pagesOf(client: pg.ClientBase, { projection, build }: ReadModel, name: string): AsyncGenerator<readonly Row[]> {
  const table = projection.tables[name];
  if (table === undefined) throw new KirokuError('DefinitionInvalid', `${projection.name} has no table "${name}".`);
  const columns = Object.keys(table.columns).map((column) => client.escapeIdentifier(column));
  try {
    await client.query(
      `declare kiroku_rows no scroll cursor for select ${columns.join(', ')} from ${qualified(projectionSchema(projection, build), name)}`,
    );
    let next = fetchPage(client);
    for (;;) {
      const { rows } = await next;
      if (rows.length === 0) break;
      next = fetchPage(client); // the database works on it while this one is looked at
      yield rows;
    }
    await client.query('close kiroku_rows');
  } catch (error) {
    throw toKirokuError(error);
  }
}

function fetchPage(client: pg.ClientBase): Promise<pg.QueryResult<Row>> {
  const page = client.query<Row>(`fetch ${pageSize} from kiroku_rows`);
  page.catch(() => undefined); // thrown when it is its turn; whoever stops before has no use for it
  return page;
}
