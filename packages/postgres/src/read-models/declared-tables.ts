import { isKirokuError, type KirokuError, type ReadModel } from '@kiroku/core';
import type pg from 'pg';
import { requireDeclaredTables } from './require-declared-tables.ts';

/**
 * Runs what reads or writes the rows of a build, outside of any transaction. What the database refuses because somebody has altered the
 * tables is `DefinitionInvalid`, which names the differences, and no fault of an event.
 */
export async function withDeclaredTables<T>(pool: Pick<pg.Pool, 'query'>, model: ReadModel, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (isKirokuError(error) && mayBeAltered(error)) {
      const altered = await requireDeclaredTables(pool, model, error).catch((found: unknown) => found);
      if (isKirokuError(altered, 'DefinitionInvalid')) throw altered; // else they could not be looked at
    }
    throw error;
  }
}

/** Something is not there, has another type, or takes no such row. */
function mayBeAltered({ code }: KirokuError): boolean {
  return code === 'SchemaTooOld' || code === 'Internal' || code === 'RowInvalid';
}
