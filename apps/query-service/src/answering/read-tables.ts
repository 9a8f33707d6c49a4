import { KirokuError, type Projection, type RowsOf } from '@kiroku/core';
import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely';

/** The tables of read models, for statements that are written and not yet run. */
export interface ReadTables {
  /** The typed tables of a projection: of the build that is read, of the version this code declares. */
  of<P extends Projection>(projection: P): Kysely<RowsOf<P>>;
}

/** Writes statements. What runs them is `QueryDatabase`. */
export const written = new Kysely<unknown>({
  dialect: {
    createDriver: () => new DummyDriver(),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createAdapter: () => new PostgresAdapter(),
    createIntrospector: (db) => new PostgresIntrospector(db),
  },
});

/** Tables of projections in the schemas that hold them. */
export function tablesIn(schemaOf: (projection: Projection) => string | undefined): ReadTables {
  return {
    of<P extends Projection>(projection: P) {
      const schema = schemaOf(projection);
      if (schema === undefined) throw new KirokuError('Internal', `The query reads ${projection.name}, but its contract does not say so.`);
      return written.withSchema(schema) as Kysely<RowsOf<P>>; // that schema holds the projection's tables and no others
    },
  };
}
