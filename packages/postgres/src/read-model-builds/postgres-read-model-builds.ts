import {
  type BuildName,
  type BuildState,
  type KeptProgress,
  KirokuError,
  type LoadedRows,
  type LogIdentity,
  type OwnedBuild,
  type ParkedKey,
  type PartitionCheckpoint,
  type Projection,
  type ReadModel,
  type ReadModelBuilds,
  type Row,
  type RowChanges,
  type RowKey,
  type RowsAtCheckpoint,
  type RowsToLoad,
  type VersionStatus,
} from '@kiroku/core';
import type pg from 'pg';
import { toKirokuError } from '../errors.ts';
import type { Pool } from '../pool.ts';
import { tableOf } from '../read-models/rows.ts';
import { projectionSchema } from '../read-models/table-sql.ts';
import { statement } from '../statement.ts';
import { inTransaction } from '../transaction.ts';
import { copyRowsIn, createProgressTable, isLoadedWithoutProgress, progressTable, qualified } from './build-tables.ts';
import { carryOver } from './carry-over.ts';
import { copyIn } from './copy-in.ts';
import { textLine } from './copy-text.ts';
import { createBuild } from './create-build.ts';
import { finishBuild } from './finish-build.ts';
import { readRows } from './read-rows.ts';
import { refusedByCopy, refusedByIndex } from './refused-row.ts';
import { repairRows } from './repair-rows.ts';
import { lockOwnBuild, requireBuilding } from './require-building.ts';
import { retireBuild } from './retire-build.ts';
import { type SwitchOptions, switchBuild } from './switch-build.ts';
import { type BuildRow, type PartitionRow, type VersionRow, versionStatuses } from './version-statuses.ts';

interface ParkedKeyRow {
  readonly projection: string;
  readonly version: number;
  readonly build: number;
  readonly partition: number;
  readonly table_name: string;
  readonly key_text: string;
  readonly key: RowKey | null;
  readonly position: number;
  readonly event_type: string;
  readonly error_code: string;
  readonly error_message: string;
  readonly error_stack: string | null;
  readonly events: number;
  readonly attempts: number;
  readonly parked_at: string;
  readonly tried_at: string;
}

const progressPerPage = 20;

/** Builds of read models in query_db, each in a schema of its own. */
export class PostgresReadModelBuilds implements ReadModelBuilds {
  readonly #pool: Pool;

  /** The pool is the caller's to end. */
  constructor({ pool }: { readonly pool: Pool }) {
    this.#pool = pool;
  }

  async versions(projection?: string): Promise<readonly VersionStatus[]> {
    return inTransaction(this.#pool, 'begin isolation level repeatable read read only', async (client) => {
      const values = [projection];
      const versions = await client.query<VersionRow>({ ...statement('read_model_builds/list_versions'), values });
      const builds = await client.query<BuildRow>({ ...statement('read_model_builds/list_all_builds'), values });
      const partitions = await client.query<PartitionRow>({ ...statement('read_model_builds/list_all_partitions'), values });
      return versionStatuses(versions.rows, builds.rows, partitions.rows);
    });
  }

  create(
    projection: Projection,
    options: { readonly log: LogIdentity; readonly job: string; readonly epoch?: number },
  ): Promise<OwnedBuild> {
    return createBuild(this.#pool, projection, options);
  }

  async takeOver(build: OwnedBuild): Promise<BuildState> {
    const { state, canGoOn } = await inTransaction(this.#pool, 'begin', async (client) => {
      const own = await lockOwnBuild(client, build);
      const { name, version } = build.projection;
      await client.query({ ...statement('read_model_builds/take_over_build'), values: [name, version, build.build, build.epoch] });
      return {
        state: own,
        canGoOn: own !== 'building' || !(await isLoadedWithoutProgress(client, projectionSchema(build.projection, build.build))),
      };
    });
    if (canGoOn) return state;
    await this.retire(build);
    return 'retired';
  }

  async load(build: OwnedBuild, rows: RowsToLoad, progress: KeptProgress): Promise<void> {
    const schema = projectionSchema(build.projection, build.build);
    let loading = { table: '', sent: [] as (readonly Row[])[] };
    try {
      await this.#write(build, async (client) => {
        for (const [name, pages] of Object.entries(rows)) {
          loading = { table: name, sent: [] };
          await copyRowsIn(client, { schema, name, table: tableOf(build.projection, name) }, noted(pages, loading.sent));
        }
        await keepProgress(client, schema, progress);
      });
    } catch (error) {
      throw refusedByCopy(error, build, loading.table, loading.sent);
    }
  }

  carryOver(
    build: OwnedBuild,
    from: ReadModel,
    except: (checkpoints: readonly PartitionCheckpoint[]) => Promise<{ readonly [table: string]: ReadonlySet<string> }>,
  ): Promise<readonly PartitionCheckpoint[]> {
    return carryOver(this.#pool, build, from, except);
  }

  async saveProgress(build: OwnedBuild, progress: KeptProgress): Promise<void> {
    await this.#write(build, (client) => keepProgress(client, projectionSchema(build.projection, build.build), progress));
  }

  async *readProgress(build: ReadModel, name?: string): AsyncGenerator<string> {
    const kept = qualified(projectionSchema(build.projection, build.build), progressTable(name));
    const [table] = await this.#query<{ found: string | null }>('select to_regclass($1) as found', [kept]);
    if (table?.found === null) return; // of this name nothing was kept
    for (let after = 0; ; ) {
      const text = `select number, line from ${kept} where number > $1 order by number limit ${progressPerPage}`;
      const rows = await this.#query<{ number: number; line: string }>(text, [after]);
      for (const { number, line } of rows) {
        after = number;
        yield line;
      }
      if (rows.length < progressPerPage) return;
    }
  }

  async finish(build: OwnedBuild, loaded: LoadedRows): Promise<void> {
    try {
      await finishBuild(this.#pool, build, loaded);
    } catch (error) {
      throw await refusedByIndex(this.#pool, error, build);
    }
  }

  readRows<T>(build: ReadModel, read: (snapshot: RowsAtCheckpoint) => Promise<T>): Promise<T> {
    return readRows(this.#pool, build, read);
  }

  switchTo(build: BuildName, options?: SwitchOptions): Promise<void> {
    return switchBuild(this.#pool, build, options);
  }

  retire(build: BuildName, options?: { readonly evenNewest?: boolean }): Promise<void> {
    return retireBuild(this.#pool, build, options);
  }

  /** Drops a build whichever it is: queries that read it find none until another is made. Throws `NotFound`. */
  drop(build: BuildName): Promise<void> {
    return retireBuild(this.#pool, build, { evenIfRead: true });
  }

  async setPaused({ name, version }: Pick<Projection, 'name' | 'version'>, paused: boolean): Promise<void> {
    const known = await this.#query(statement('read_model_builds/pause_version'), [name, version, paused]);
    if (known.length === 0) throw new KirokuError('NotFound', `There is no read model of ${name} version ${version} yet.`);
  }

  repair(build: ReadModel, partition: number, repair: (checkpoint: number) => Promise<readonly RowChanges[]>): Promise<number> {
    return repairRows(this.#pool, build, partition, repair);
  }

  async keepVerified({ projection: { name, version }, build }: ReadModel, lines: AsyncIterable<string>): Promise<void> {
    await inTransaction(this.#pool, 'begin', async (client) => {
      await client.query({ ...statement('read_model_builds/forget_verified'), values: [name, version, build] });
      const prefix = `${name}\t${version}\t${build}\t`;
      await copyIn(client, 'copy kiroku.verified_rows (projection, version, build, line) from stdin', textLines(lines, prefix));
    });
  }

  async *readVerified({ projection: { name, version }, build }: ReadModel): AsyncGenerator<string> {
    for (let after = 0; ; ) {
      const values = [name, version, build, after, progressPerPage];
      const rows = await this.#query<{ number: number; line: string }>(statement('read_model_builds/read_verified'), values);
      for (const { number, line } of rows) {
        after = number;
        yield line;
      }
      if (rows.length < progressPerPage) return;
    }
  }

  async parkedKeys(filter: Parameters<ReadModelBuilds['parkedKeys']>[0]): Promise<readonly ParkedKey[]> {
    const { projection, version, build, limit, after } = filter;
    const place = [after?.parkedAt, after?.projection, after?.version, after?.build, after?.table, after?.keyText];
    const values = [projection, version, build, limit, ...place];
    const rows = await this.#query<ParkedKeyRow>(statement('read_model_builds/list_parked_keys'), values);
    return rows.map(parkedKey);
  }

  /** In a transaction that only the run that owns the build may commit. */
  #write(build: OwnedBuild, work: (client: pg.ClientBase) => Promise<void>): Promise<void> {
    return inTransaction(this.#pool, 'begin', async (client) => {
      await client.query('set local role kiroku_service');
      await requireBuilding(client, build);
      await work(client);
    });
  }

  async #query<R extends object>(text: string | ReturnType<typeof statement>, values: readonly unknown[]): Promise<R[]> {
    try {
      const { rows } = await this.#pool.query<R>({ ...(typeof text === 'string' ? { text } : text), values: [...values] });
      return rows;
    } catch (error) {
      throw toKirokuError(error);
    }
  }
}

async function keepProgress(client: pg.ClientBase, schema: string, { lines, name }: KeptProgress): Promise<void> {
  const kept = qualified(schema, progressTable(name));
  if (name !== undefined) await createProgressTable(client, schema, name);
  await client.query(`truncate ${kept} restart identity`);
  await copyIn(client, `copy ${kept} (line) from stdin`, textLines(lines));
}

async function* noted<T>(items: AsyncIterable<T>, into: T[]): AsyncGenerator<T> {
  for await (const item of items) {
    into.push(item);
    yield item;
  }
}

/** `prefix`: further columns, each with a tab behind it. */
async function* textLines(lines: AsyncIterable<string>, prefix = ''): AsyncGenerator<string> {
  for await (const line of lines) yield `${prefix}${textLine(line)}`;
}

function parkedKey(row: ParkedKeyRow): ParkedKey {
  return {
    projection: row.projection,
    version: row.version,
    build: row.build,
    partition: row.partition,
    table: row.table_name,
    keyText: row.key_text,
    ...(row.key !== null && { key: row.key }),
    position: row.position,
    eventType: row.event_type,
    fault: { code: row.error_code, message: row.error_message, ...(row.error_stack !== null && { stack: row.error_stack }) },
    events: row.events,
    attempts: row.attempts,
    parkedAt: row.parked_at,
    triedAt: row.tried_at,
  };
}
