import { KirokuError, type Projection } from '@kiroku/core';
import { projectionSchema, toKirokuError } from '@kiroku/postgres';
import { type Kysely, sql } from 'kysely';
import type { QueryDatabase } from './query-database.ts';
import { type Answered, type ReadSnapshot, snapshotOf } from './read-snapshot.ts';

type Read<T> = (snapshot: ReadSnapshot) => Promise<T>;
/** The build of each projection that is read, by its name. */
type Builds = ReadonlyMap<string, number>;

/**
 * Reads rows and checkpoints in one snapshot, so that the position says exactly what the rows contain. Which build is read is part of the snapshot,
 * too: a switch meanwhile changes nothing.
 *
 * Rows are asked for at once, of the build that was read last, and not only when it is known which one is read: hardly ever is it another, and then
 * they are read again.
 */
export class Snapshots {
  readonly #db: QueryDatabase;
  #lastRead: Builds = new Map();

  constructor(db: QueryDatabase) {
    this.#db = db;
  }

  /** Throws `BuildNotReady` if a version is being built for the first time. */
  async read<T>(reads: readonly Projection[], read: Read<T>): Promise<Answered<T>> {
    try {
      const known = reads.every(({ name }) => this.#lastRead.has(name));
      return (known && (await this.#readAtOnce(reads, read))) || (await this.#readInTurn(reads, read));
    } catch (error) {
      const fault = toKirokuError(error);
      // the tables are gone: the build was retired between the snapshot and the first look at them, and another one is read now
      if (fault.code === 'SchemaTooOld')
        return await this.#readInTurn(reads, read).catch((again: unknown) => Promise.reject(toKirokuError(again)));
      throw fault;
    }
  }

  /** `undefined` if another build is read by now. */
  #readAtOnce<T>(reads: readonly Projection[], read: Read<T>): Promise<Answered<T> | undefined> {
    const supposed = this.#lastRead;
    return this.#db.inSnapshot(async (db) => {
      const reading = async (): Promise<T> => read(buildsAt(db, supposed)); // though it throws at once, the other answer is heard
      const [found, result] = await Promise.allSettled([findActive(db, reads), reading()]);
      if (found.status === 'rejected') throw found.reason;
      if (found.value.some(({ projection, build }) => supposed.get(projection) !== build)) return undefined;
      if (result.status === 'rejected') throw result.reason;
      return { position: slowest(found.value), result: result.value };
    });
  }

  #readInTurn<T>(reads: readonly Projection[], read: Read<T>): Promise<Answered<T>> {
    return this.#db.inSnapshot(async (db) => {
      const found = await findActive(db, reads); // the first statement fixes the snapshot
      const builds = new Map(found.map(({ projection, build }) => [projection, build]));
      this.#lastRead = new Map([...this.#lastRead, ...builds]);
      return { position: slowest(found), result: await read(buildsAt(db, builds)) };
    });
  }
}

interface ActiveBuild {
  readonly projection: string;
  readonly build: number;
  /** Of its slowest partition. */
  readonly position: number;
}

function slowest(found: readonly ActiveBuild[]): number {
  return Math.min(...found.map(({ position }) => position));
}

function buildsAt(db: Kysely<unknown>, builds: Builds): ReadSnapshot {
  return snapshotOf(db, (projection) => {
    const build = builds.get(projection.name);
    return build === undefined ? undefined : projectionSchema(projection, build);
  });
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
