import { isKirokuError, KirokuError, type Projection } from '@kiroku/core';
import { projectionSchema } from '@kiroku/postgres';
import { type Expression, type RawBuilder, sql } from 'kysely';
import { once, type QueryDatabase, type SentStatement } from './query-database.ts';
import type { ReadStatement } from './read-statement.ts';
import { tablesIn } from './read-tables.ts';

/** Rows, and the position that all of the projections they come from had reached in the same snapshot. */
export interface Answered<T> {
  readonly position: number;
  readonly result: T;
}

/** The build of each projection that is read, by its name. */
type Builds = ReadonlyMap<string, number>;
type AnyStatement = ReadStatement<never, unknown>;

interface Asked<P, R> {
  readonly statement: ReadStatement<P, R>;
  readonly params: P;
}

// it takes a switch between two looks to need a second try, and the tables' being dropped between two more to need a third
const mostTries = 5;

/**
 * Reads rows and checkpoints in one statement, and so in one snapshot: the position says exactly what the rows contain. Which build is read is part
 * of it, too: the statement is for the builds that were read last, and says when others are by now, which hardly ever happens.
 */
export class Snapshots {
  readonly #db: QueryDatabase;
  #builds: Builds = new Map();
  /** Of the builds that are read, by what they answer and their shape. */
  #statements = new Map<AnyStatement, Map<string, SentStatement>>();

  constructor(db: QueryDatabase) {
    this.#db = db;
  }

  /** Throws `BuildNotReady` if a version is being built for the first time. */
  async read<P, R>(reads: readonly Projection[], { statement, params }: Asked<P, R>): Promise<Answered<R>> {
    for (let tries = 1; ; tries++) {
      if (tries > 1 || !reads.every(({ name }) => this.#builds.has(name))) await this.#look(reads);
      try {
        const answered = await this.#readOf(reads, { statement, params });
        if (answered !== undefined) return answered;
        if (tries === mostTries) throw switching(reads);
      } catch (error) {
        // the tables are gone: the build was retired, and another one is read now
        if (!isKirokuError(error, 'SchemaTooOld') || tries === mostTries) throw error;
      }
    }
  }

  /** `undefined` if another build is read by now. */
  async #readOf<P, R>(reads: readonly Projection[], { statement, params }: Asked<P, R>): Promise<Answered<R> | undefined> {
    const rows = await this.#db.rows<Positioned>(this.#statementFor(reads, { statement, params }), params);
    const [first] = rows;
    const position = first?.[positionColumn] ?? null;
    if (position === null) return undefined;
    return { position, result: statement.result(first?.[foundColumn] === null ? [] : rows, params) };
  }

  #statementFor<P, R>(reads: readonly Projection[], { statement, params }: Asked<P, R>): SentStatement {
    const shapes = this.#statements.get(statement) ?? new Map<string, SentStatement>();
    const shape = statement.shapeOf(params);
    const known = shapes.get(shape);
    if (known !== undefined) return known;
    const builds = this.#builds;
    const tables = tablesIn((projection) => {
      const build = builds.get(projection.name);
      return build === undefined ? undefined : projectionSchema(projection, build);
    });
    const sent = this.#db.planned(positioned(statement.write(tables, params), reads, builds), { isQuick: statement.isQuick(params) });
    this.#statements.set(statement, shapes.set(shape, sent));
    return sent;
  }

  async #look(reads: readonly Projection[]): Promise<void> {
    const found = await findActive(this.#db, reads);
    if (found.every(({ projection, build }) => this.#builds.get(projection) === build)) return;
    this.#builds = new Map([...this.#builds, ...found.map(({ projection, build }) => [projection, build] as const)]);
    this.#statements = new Map();
    this.#db.forgetPlanned(); // the builds are in their texts
  }
}

const positionColumn = 'kiroku position';
const foundColumn = 'kiroku found';

interface Positioned {
  /** Of the slowest partition; `null` if a build is read that is not meant. */
  readonly [positionColumn]: number | null;
  /** `null` in the one row that there is if the statement found none. */
  readonly [foundColumn]: true | null;
}

/** A statement whose rows say, too, how far the builds that they come from have come, if those are the ones that are read. */
function positioned(query: Expression<unknown>, reads: readonly Projection[], builds: Builds): RawBuilder<unknown> {
  const meant = reads.map(({ name, version }) => sql`(${sql.lit(name)}, ${sql.lit(version)}, ${sql.lit(builds.get(name))})`);
  return sql`
    select at.*, answered.*
    from (
      select case when count(distinct part.projection) = ${sql.lit(reads.length)} then min(part.position) end as ${sql.ref(positionColumn)}
      from kiroku.checkpoints as part
      join kiroku.projection_versions as registered using (projection, version)
      where (part.projection, part.version, part.build) in (${sql.join(meant)}) and registered.active_build = part.build
    ) as at
    left join lateral (select true as ${sql.ref(foundColumn)}, rows.* from ${query} as rows) as answered on true`;
}

interface ActiveBuild {
  readonly projection: string;
  readonly build: number;
}

async function findActive(db: QueryDatabase, reads: readonly Projection[]): Promise<readonly ActiveBuild[]> {
  const names = reads.map(({ name }) => name);
  const versions = reads.map(({ version }) => version);
  const statement = once(sql`
    select wanted.projection, registered.active_build as build, min(part.position) is not null as "isBuilt"
    from unnest(${names}::text[], ${versions}::int[]) as wanted (projection, version)
    left join kiroku.projection_versions as registered using (projection, version)
    left join kiroku.checkpoints as part
      on part.projection = wanted.projection and part.version = wanted.version and part.build = registered.active_build
    group by wanted.projection, registered.active_build`);
  const rows = await db.rows<{ projection: string; build: number | null; isBuilt: boolean }>(statement, undefined);
  return rows.map(({ projection, build, isBuilt }) => {
    if (build === null || !isBuilt) throw notBuilt(projection);
    return { projection, build };
  });
}

function notBuilt(projection: string): KirokuError {
  return new KirokuError(
    'BuildNotReady',
    `The read model ${projection} is being built in the version of this code. Ask another instance, or again when it is built.`,
    { details: { projection } },
  );
}

function switching(reads: readonly Projection[]): KirokuError {
  const names = reads.map(({ name }) => name).join(', ');
  return new KirokuError('BuildNotReady', `Builds of ${names} are being switched, one after the other. Ask again.`, {
    details: { projection: names },
  });
}
