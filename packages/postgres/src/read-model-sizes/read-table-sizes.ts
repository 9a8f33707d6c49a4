import pg from 'pg';
import { toKirokuError } from '../errors.ts';
import type { Figure } from '../log-stats/breakdown.ts';
import type { Pool } from '../pool.ts';
import { statement } from '../statement.ts';

/** A table of a read model. */
export interface ReadModelTableSize {
  readonly table: string;
  readonly rows: Figure;
  readonly tableBytes: number;
  readonly indexBytes: number;
}

interface StoredSize {
  readonly table: string;
  readonly assumed_rows: number;
  readonly table_bytes: number;
  readonly index_bytes: number;
}

// counting 16 MB takes milliseconds; a table of gigabytes would be read for the sake of a figure
const countedBytes = 16_000_000;

/** The tables of one build, by its schema (`projectionSchema`). Rows of small tables are counted, of others estimated. Empty if there is no such schema. */
export async function readTableSizes(pool: Pool, schema: string): Promise<readonly ReadModelTableSize[]> {
  try {
    const { rows } = await pool.query<StoredSize>({ ...statement('read_model_sizes/list_tables'), values: [schema] });
    const sizes: ReadModelTableSize[] = [];
    for (const { table, assumed_rows: assumed, table_bytes: tableBytes, index_bytes: indexBytes } of rows) {
      const estimated = assumed >= 0 && tableBytes > countedBytes;
      sizes.push({ table, rows: { count: estimated ? assumed : await countRows(pool, schema, table), estimated }, tableBytes, indexBytes });
    }
    return sizes;
  } catch (error) {
    throw toKirokuError(error);
  }
}

async function countRows(pool: Pool, schema: string, table: string): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(`select count(*) from ${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(table)}`);
  return rows[0]?.count ?? 0;
}
