import { KirokuError, type Projection, type RowsOf } from '@kiroku/core';
import { projectionSchema, toKirokuError } from '@kiroku/postgres';
import { type Kysely, sql } from 'kysely';

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

/**
 * Reads rows and checkpoints in one snapshot, so that `position` says exactly what the rows contain. Which build is read is part of the
 * snapshot, too: a switch meanwhile changes nothing. Throws `BuildNotReady` if a version is being built for the first time.
 */
export async function readSnapshot<T>(
  db: Kysely<unknown>,
  reads: readonly Projection[],
  read: (snapshot: ReadSnapshot) => Promise<T>,
): Promise<Answered<T>> {
  try {
    return await readOnce(db, reads, read);
  } catch (error) {
    const fault = toKirokuError(error);
    // the tables are gone: the build was retired between the snapshot and the first look at them, and another one is read now
    if (fault.code === 'SchemaTooOld')
      return await readOnce(db, reads, read).catch((again: unknown) => Promise.reject(toKirokuError(again)));
    throw fault;
  }
}

async function readOnce<T>(
  db: Kysely<unknown>,
  reads: readonly Projection[],
  read: (snapshot: ReadSnapshot) => Promise<T>,
): Promise<Answered<T>> {
  return await db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (transaction) => {
      const active = await findActive(transaction, reads); // the first statement fixes the snapshot
      const result = await read({ tables: (projection) => tablesOf(transaction, projection, active) });
      return { position: Math.min(...active.map(({ position }) => position)), result };
    });
}

interface ActiveBuild {
  readonly projection: string;
  readonly build: number;
  /** Of its slowest partition. */
  readonly position: number;
}

function tablesOf<P extends Projection>(db: Kysely<unknown>, projection: P, active: readonly ActiveBuild[]): Kysely<RowsOf<P>> {
  const found = active.find((each) => each.projection === projection.name);
  if (found === undefined) throw new KirokuError('Internal', `The query reads ${projection.name}, but its contract does not say so.`);
  return db.withSchema(projectionSchema(projection, found.build)) as Kysely<RowsOf<P>>; // that schema holds the projection's tables and no others
}

async function findActive(db: Kysely<unknown>, reads: readonly Projection[]): Promise<readonly ActiveBuild[]> {
  const names = reads.map(({ name }) => name);
  const versions = reads.map(({ version }) => version);
  const { rows } = await sql<{ projection: string; build: number | null; position: number | null }>`
    select wanted.projection, registered.active_build as build, min(part.position)::bigint as position
    from unnest(${names}::text[], ${versions}::int[]) as wanted (projection, version)
    left join kiroku.projection_versions as registered using (projection, version)
    left join kiroku.checkpoints as part
      on part.projection = wanted.projection and part.version = wanted.version and part.build = registered.active_build
    group by wanted.projection, registered.active_build`.execute(db);
  return rows.map(({ projection, build, position }) => {
    if (build === null || position === null) throw notBuilt(projection);
    return { projection, build, position };
  });
}

function notBuilt(projection: string): KirokuError {
  return new KirokuError(
    'BuildNotReady',
    `The read model ${projection} is being built in the version of this code. Ask another instance, or again when it is built.`,
    { details: { projection } },
  );
}
