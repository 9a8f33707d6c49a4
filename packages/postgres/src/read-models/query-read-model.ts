import { isKirokuError, KirokuError, type Projection, type Row } from '@kiroku/core';
import { toKirokuError } from '../errors.ts';
import type { Pool } from '../pool.ts';
import { PostgresReadModelStore } from './postgres-read-model-store.ts';
import { projectionSchema } from './table-sql.ts';

/** A statement on the tables of a read model. */
export interface ReadModelQuery {
  /** Its text, given the schema that the tables are in. Called again if another build is read by then. */
  readonly text: (schema: string) => string;
  /** `$1` and so on. Default: none. */
  readonly values?: readonly unknown[];
}

export interface QueriedRows<R> {
  readonly rows: readonly R[];
  /** The rows contain all events up to here, and perhaps later ones. */
  readonly position: number;
}

/**
 * Runs a statement on the build of a projection that is read, whichever that is by now: rebuilds, switches and retired builds are followed.
 * Two statements for each query. Throws `BuildNotReady` if the version is not built yet, `DatabaseUnavailable`, and what PostgreSQL says of the text.
 */
export async function queryReadModel<R extends Row = Row>(
  pool: Pool,
  projection: Projection,
  { text, values = [] }: ReadModelQuery,
): Promise<QueriedRows<R>> {
  let found = await lookUp(pool, projection);
  for (;;) {
    try {
      const { rows } = await pool.query<R>(text(found.schema), [...values]);
      return { rows, position: found.position };
    } catch (fault) {
      const error = toKirokuError(fault);
      if (!isKirokuError(error, 'SchemaTooOld')) throw error;
      // the table is not there: the build was retired since, unless it is still the one that is read
      const next = await lookUp(pool, projection);
      if (next.schema === found.schema) throw error;
      found = next;
    }
  }
}

interface Found {
  readonly schema: string;
  readonly position: number;
}

async function lookUp(pool: Pool, projection: Projection): Promise<Found> {
  const active = await new PostgresReadModelStore({ pool }).active(projection);
  if (active === undefined) {
    const { name, version } = projection;
    throw new KirokuError('BuildNotReady', `The read model ${name} is not built in version ${version}. Start what runs it, or ask again.`, {
      details: { projection: name },
    });
  }
  const position = Math.min(...active.partitions.map((part) => part.position));
  return { schema: projectionSchema(projection, active.build), position };
}
