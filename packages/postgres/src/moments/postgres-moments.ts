import { KirokuError, type LogIdentity, type Projection, type Row } from '@kiroku/core';
import type pg from 'pg';
import type { Pool } from '../pool.ts';
import { copyRowsIn } from '../read-model-builds/build-tables.ts';
import { createSchema } from '../read-models/create-schema.ts';
import { tableOf } from '../read-models/rows.ts';
import { createIndexes, createKey, createTable } from '../read-models/table-sql.ts';
import { rowsOf } from '../rows-of.ts';
import { statement } from '../statement.ts';
import { inTransaction } from '../transaction.ts';
import { compareMoments, type MomentComparison } from './compare-moments.ts';
import type { Moment, MomentBuild, MomentPage, MomentPlace, MomentProjection, MomentTarget } from './moment.ts';
import { momentSchema } from './moment-schema.ts';

type StoredMoment = Omit<Moment, 'projections'> & Omit<MomentProjection, 'builtAt'> & { readonly builtAt: string | null };

/** Read models as of moments, in query_db: a schema for each projection of a moment. */
export class PostgresMoments {
  readonly #pool: Pool;

  /** Of the database query_db; the caller's to end. */
  constructor({ pool }: { readonly pool: Pool }) {
    this.#pool = pool;
  }

  /** Oldest position first. Default: all there are. */
  async moments({ after, limit }: MomentPage = {}): Promise<readonly Moment[]> {
    const values = [null, limit ?? null, after?.position ?? null, after?.name ?? null];
    return grouped(await rowsOf<StoredMoment>(this.#pool, 'moments/read_moments', values));
  }

  async moment(name: string): Promise<Moment | undefined> {
    return grouped(await rowsOf<StoredMoment>(this.#pool, 'moments/read_moments', oneMoment(name)))[0];
  }

  /** Throws `MomentExists` if it could not be begun as it is, and `BadRequest` for a name that cannot be. Changes nothing. */
  async requireFree(build: MomentBuild): Promise<void> {
    await inTransaction(this.#pool, 'begin read only', (client) => requireFree(client, build));
  }

  /** Makes the empty tables (no key, no index) of a moment. From now on only this run writes them. Throws like `requireFree`, and `JobLost`. */
  async begin(build: MomentBuild): Promise<void> {
    const { moment, projections, job, epoch } = build;
    const { name, position, recordedAt, log } = moment;
    await inTransaction(this.#pool, 'begin; set local role kiroku_service', async (client) => {
      await client.query({ ...statement('moments/lock_moments') });
      await requireFree(client, build);
      await client.query({ ...statement('moments/write_moment'), values: [name, position, recordedAt, log.id, log.timeline] });
      for (const projection of projections) {
        const schema = momentSchema(name, projection);
        await client.query(`drop schema if exists ${client.escapeIdentifier(schema)} cascade`);
        await createSchema(client, schema);
        for (const [table, declared] of Object.entries(projection.tables)) await client.query(createTable(schema, table, declared));
        await client.query({
          ...statement('moments/write_projection'),
          values: [name, projection.name, projection.version, schema, job, epoch],
        });
      }
    });
  }

  /** Adds rows to a table of a moment that is being built, in one transaction. Throws like `finish`. */
  async load(target: MomentTarget, table: string, rows: AsyncIterable<readonly Row[]>): Promise<void> {
    const { moment, projection } = target;
    await inTransaction(this.#pool, 'begin; set local synchronous_commit = off', async (client) => {
      await requireOwn(client, target);
      await copyRowsIn(client, { schema: momentSchema(moment.name, projection), name: table, table: tableOf(projection, table) }, rows);
    });
  }

  /**
   * Keys, indexes and statistics; from then on it can be read. Throws `MomentExists` if another job has taken it meanwhile, `JobLost` if a
   * later run of the same has, `NotFound` if it was dropped.
   */
  async finish(target: MomentTarget, { parkedKeys }: { readonly parkedKeys: number }): Promise<void> {
    const { moment, projection } = target;
    const schema = momentSchema(moment.name, projection);
    await inTransaction(this.#pool, 'begin; set local role kiroku_service', async (client) => {
      await requireOwn(client, target);
      for (const [table, declared] of Object.entries(projection.tables)) {
        await client.query(createKey(schema, table, declared));
        for (const ddl of createIndexes(schema, table, declared)) await client.query(ddl);
        await client.query(`analyze ${client.escapeIdentifier(schema)}.${client.escapeIdentifier(table)}`);
      }
      const values = [moment.name, projection.name, projection.version, parkedKeys];
      await client.query({ ...statement('moments/finish_projection'), values });
    });
  }

  /** Drops a moment with its schemas. Throws `NotFound`. */
  async drop(name: string): Promise<void> {
    await inTransaction(this.#pool, 'begin', async (client) => {
      await client.query({ ...statement('moments/lock_moments') });
      const moment = await readMoment(client, name);
      if (moment === undefined) throw unknownMoment(name);
      for (const { schema } of moment.projections) await client.query(`drop schema if exists ${client.escapeIdentifier(schema)} cascade`);
      await client.query({ ...statement('moments/delete_moment'), values: [name] });
    });
  }

  /** A moment of this log in which all of these projections are built: of a name, or at a position. */
  async findBuilt(
    log: LogIdentity,
    which: { readonly name: string } | { readonly position: number },
    projections: readonly Pick<Projection, 'name' | 'version'>[],
  ): Promise<BuiltMoment | undefined> {
    const [position, name] = 'name' in which ? [null, which.name] : [which.position, null];
    const names = projections.map((projection) => projection.name);
    const versions = projections.map(({ version }) => version);
    const values = [log.id, log.timeline, position, name, names, versions];
    return (await rowsOf<BuiltMoment>(this.#pool, 'moments/find_built', values))[0];
  }

  /** Compares the rows of two sides, all in one snapshot. Throws `MomentNotBuilt` for a projection that a side has not. */
  async compare(comparison: MomentComparison): Promise<void> {
    await compareMoments(this.#pool, comparison);
  }
}

/** Where the rows of a moment are. */
export interface BuiltMoment {
  readonly name: string;
  readonly position: number;
  /** In the order in which the projections were asked for. */
  readonly schemas: readonly string[];
  /** When each was built: another time, if it was built anew. */
  readonly builtAt: readonly string[];
}

/** `NotFound`, which says where the names are to be found. */
export function unknownMoment(name: string): KirokuError {
  return new KirokuError('NotFound', `There is no moment "${name}". \`kiroku replay list\` shows which there are.`);
}

/** Keeps a projection of a moment with the run that builds it, until the transaction ends. */
async function requireOwn(client: pg.ClientBase, { moment, projection: { name, version }, job, epoch }: MomentTarget): Promise<void> {
  const { rows } = await client.query<Pick<MomentProjection, 'job' | 'epoch'>>({
    ...statement('moments/lock_projection'),
    values: [moment.name, name, version],
  });
  const [owner] = rows;
  if (owner === undefined) throw unknownMoment(moment.name);
  if (owner.job !== job) throw taken(moment.name, 'another job builds it anew');
  if (owner.epoch !== epoch) throw outdated(moment.name, job);
}

async function requireFree(client: pg.ClientBase, build: MomentBuild): Promise<void> {
  const { moment, projections, replace = false, job, epoch } = build;

  const known = await readMoment(client, moment.name);
  if (known !== undefined && !isSame(known, moment)) {
    throw taken(moment.name, `it is of position ${known.position}, recorded at ${known.recordedAt}`);
  }
  for (const projection of projections) {
    const schema = momentSchema(moment.name, projection);
    const there = known?.projections.find((one) => one.schema === schema);
    if (there === undefined) await requireNoSchema(client, moment.name, schema);
    else if (there.job === job && there.epoch > epoch) throw outdated(moment.name, job);
    else if (!replace && (there.builtAt !== undefined || there.job !== job)) throw taken(moment.name, stateOf(there));
  }
}

function isSame(known: Moment, { position, log }: MomentPlace): boolean {
  return known.position === position && known.log.id === log.id && known.log.timeline === log.timeline;
}

async function requireNoSchema(client: pg.ClientBase, moment: string, schema: string): Promise<void> {
  const { rows } = await client.query<{ taken: boolean }>({ ...statement('moments/find_schema'), values: [schema] });
  if (rows[0]?.taken === true)
    throw new KirokuError('MomentExists', `There is a schema ${schema} that is no moment's. Choose another name than "${moment}".`);
}

function stateOf({ projection, version, builtAt, job }: MomentProjection): string {
  if (builtAt !== undefined) return `${projection} version ${version} was built at ${builtAt}`;
  return `${projection} version ${version} was begun by job ${job}, and is not complete`;
}

function taken(name: string, why: string): KirokuError {
  return new KirokuError(
    'MomentExists',
    `There is a moment "${name}" already: ${why}. Read it, choose another name with --into, or build it anew with --replace.`,
    { details: { moment: name } },
  );
}

function outdated(name: string, job: string): KirokuError {
  return new KirokuError(
    'JobLost',
    `The moment "${name}" is built by a later run of job ${job}, so this one writes it no more. \`kiroku job show ${job}\` says who runs it.`,
    { details: { moment: name, job } },
  );
}

async function readMoment(client: pg.ClientBase, name: string): Promise<Moment | undefined> {
  const { rows } = await client.query<StoredMoment>({ ...statement('moments/read_moments'), values: [...oneMoment(name)] });
  return grouped(rows)[0];
}

function oneMoment(name: string): readonly unknown[] {
  return [name, null, null, null];
}

function grouped(rows: readonly StoredMoment[]): readonly Moment[] {
  const moments = new Map<string, Moment & { readonly projections: MomentProjection[] }>();
  for (const { name, position, recordedAt, log, createdAt, builtAt, ...projection } of rows) {
    const moment = moments.get(name) ?? { name, position, recordedAt, log, createdAt, projections: [] };
    moments.set(name, moment);
    moment.projections.push({ ...projection, ...(builtAt !== null && { builtAt }) });
  }
  return [...moments.values()];
}
