import { KirokuError, type Projection, type RowsOf } from '@kiroku/core';
import type { Kysely } from 'kysely';

/** The read models at one moment. */
export interface ReadSnapshot {
  /** The typed tables of a projection: of the build that is read, of the version this code declares. */
  tables<P extends Projection>(projection: P): Kysely<RowsOf<P>>;
}

/** Rows, and the position that all of the projections they come from had reached in the same snapshot. */
export interface Answered<T> {
  readonly position: number;
  readonly result: T;
}

/** Tables of projections in the schemas that hold them. */
export function snapshotOf(db: Kysely<unknown>, schemaOf: (projection: Projection) => string | undefined): ReadSnapshot {
  return {
    tables<P extends Projection>(projection: P) {
      const schema = schemaOf(projection);
      if (schema === undefined) throw new KirokuError('Internal', `The query reads ${projection.name}, but its contract does not say so.`);
      return db.withSchema(schema) as Kysely<RowsOf<P>>; // that schema holds the projection's tables and no others
    },
  };
}
