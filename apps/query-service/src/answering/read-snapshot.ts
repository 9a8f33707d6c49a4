import type { Projection, RowsOf } from '@kiroku/core';
import { projectionSchema, toKirokuError } from '@kiroku/postgres';
import { type Kysely, sql } from 'kysely';

/** The read models at one moment. */
export interface ReadSnapshot {
  /** The typed tables of a projection, in the schema of the version this code declares. */
  tables<P extends Projection>(projection: P): Kysely<RowsOf<P>>;
}

/** Rows, and the position that all of the projections they come from had reached in the same snapshot. */
export interface Answered<T> {
  readonly position: number;
  readonly result: T;
}

/** Reads rows and checkpoints in one snapshot, so that `position` says exactly what the rows contain. */
export async function readSnapshot<T>(
  db: Kysely<unknown>,
  reads: readonly Projection[],
  read: (snapshot: ReadSnapshot) => Promise<T>,
): Promise<Answered<T>> {
  try {
    return await db
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute(async (transaction) => {
        const position = await positionOf(transaction, reads); // the first statement fixes the snapshot
        const result = await read({ tables: (projection) => tablesOf(transaction, projection) });
        return { position, result };
      });
  } catch (error) {
    throw toKirokuError(error);
  }
}

function tablesOf<P extends Projection>(db: Kysely<unknown>, projection: P): Kysely<RowsOf<P>> {
  return db.withSchema(projectionSchema(projection)) as Kysely<RowsOf<P>>; // that schema holds the projection's tables and no others
}

async function positionOf(db: Kysely<unknown>, reads: readonly Projection[]): Promise<number> {
  const names = reads.map(({ name }) => name);
  const versions = reads.map(({ version }) => version);
  const { rows } = await sql<{ position: number }>`
    select coalesce(min(coalesce(c.position, 0)), 0)::bigint as position
    from unnest(${names}::text[], ${versions}::int[]) as wanted (projection, version)
    left join kiroku.checkpoints c using (projection, version)`.execute(db);
  return rows[0]?.position ?? 0;
}
