import { toKirokuError } from './errors.ts';
import type { Pool } from './pool.ts';
import { statement } from './statement.ts';

/** The rows that a statement of `sql/` returns, e.g. `jobs/read_job`. What the database refuses is thrown as a `KirokuError`. */
export async function rowsOf<R extends object>(db: Pick<Pool, 'query'>, name: string, values: readonly unknown[] = []): Promise<R[]> {
  try {
    return (await db.query<R>({ ...statement(name), values: [...values] })).rows;
  } catch (error) {
    throw toKirokuError(error);
  }
}
