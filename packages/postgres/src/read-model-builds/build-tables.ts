import type { Projection, Row, Table } from '@kiroku/core';
import { rowKeyText } from '@kiroku/core';
import type pg from 'pg';
import { createSchema } from '../read-models/create-schema.ts';
import { createSqlObjects } from '../read-models/run-sql.ts';
import { createIndexes, createKeyBeside, createTable, declaredColumns } from '../read-models/table-sql.ts';
import { statement } from '../statement.ts';
import { copyIn } from './copy-in.ts';
import { rowEncoder } from './copy-text.ts';

/** What a fold of a build under way keeps of its progress, by its name, in the build's own schema; no declared table can have such a name. */
export function progressTable(name?: string): string {
  return name === undefined ? '#progress' : `#progress ${name}`;
}

/** Where code of before November 2026 noted what was loaded, in another transaction than the progress. */
const earlierNote = '#loaded';

/** Whether earlier code has loaded rows into a build under way: how far its progress is, is not known then. */
export async function isLoadedWithoutProgress(client: pg.ClientBase, schema: string): Promise<boolean> {
  const { rows: kept } = await client.query<{ name: string }>({ ...statement('read_model_builds/list_progress'), values: [schema] });
  if (!kept.some(({ name }) => name === earlierNote)) return false;
  const { rows } = await client.query<{ loaded: boolean }>(`select exists (select from ${qualified(schema, earlierNote)}) as loaded`);
  return rows[0]?.loaded === true;
}

/** Makes the schema of a build and its tables, without key and index: loading is faster into such. */
export async function createBuildTables(client: pg.ClientBase, schema: string, projection: Projection): Promise<void> {
  await createSchema(client, schema);
  for (const [name, table] of Object.entries(projection.tables)) await client.query(createTable(schema, name, table));
  if (projection.kind === 'sql') await createSqlObjects(client, schema, projection);
  await createProgressTable(client, schema);
}

export async function createProgressTable(client: pg.ClientBase, schema: string, name?: string): Promise<void> {
  const table = qualified(schema, progressTable(name));
  await client.query(`create table if not exists ${table} (number bigint generated always as identity primary key, line text not null)`);
}

/** Adds rows to a table by COPY. */
export async function copyRowsIn(
  client: pg.ClientBase,
  target: { readonly schema: string; readonly name: string; readonly table: Table },
  rows: AsyncIterable<readonly Row[]>,
): Promise<void> {
  const { schema, name, table } = target;
  const columns = Object.keys(table.columns);
  const encode = rowEncoder(table, columns);
  await copyIn(client, `copy ${qualified(schema, name)} (${list(columns)}) from stdin`, mapped(rows, encode));
}

/** Indexes and statistics of tables that are loaded, and may be read meanwhile. Returns what makes keys of the indexes, which needs them alone. */
export async function indexTables(client: pg.ClientBase, schema: string, projection: Projection): Promise<readonly string[]> {
  await client.query("set local maintenance_work_mem = '256MB'");
  const keys: string[] = [];
  for (const [name, table] of Object.entries(projection.tables)) {
    const [index, key] = createKeyBeside(schema, name, table);
    for (const ddl of [index, ...createIndexes(schema, name, table), `analyze ${qualified(schema, name)}`]) await client.query(ddl);
    keys.push(key);
  }
  return keys;
}

/** Forgets what folds have kept of their progress. */
export async function dropProgress(client: pg.ClientBase, schema: string): Promise<void> {
  const { rows: kept } = await client.query<{ name: string }>({ ...statement('read_model_builds/list_progress'), values: [schema] });
  await client.query(`drop table ${kept.map(({ name }) => qualified(schema, name)).join(', ')}`);
}

/** Copies the rows of a table from one schema to another, but for those with these keys (by `rowKeyText`). */
export async function copyRowsAcross(
  client: pg.ClientBase,
  across: { readonly from: string; readonly to: string; readonly name: string; readonly table: Table },
  except: ReadonlySet<string>,
): Promise<void> {
  const { from, to, name, table } = across;
  const excepted = qualified(to, '#except');
  const types = new Map(declaredColumns(table).map(({ column, type }) => [column, type]));
  await client.query(`create table ${excepted} (${table.key.map((column) => `${quoted(column)} ${types.get(column)}`).join(', ')})`);
  const encode = rowEncoder(table, table.key);
  await copyIn(client, `copy ${excepted} from stdin`, mapped(keyPages(table, except), encode));
  await client.query(`analyze ${excepted}`);
  const columns = list(Object.keys(table.columns));
  const same = table.key.map((column) => `gone.${quoted(column)} = kept.${quoted(column)}`).join(' and ');
  await client.query(
    `insert into ${qualified(to, name)} (${columns})
     select ${columns} from ${qualified(from, name)} as kept where not exists (select from ${excepted} as gone where ${same})`,
  );
  await client.query(`drop table ${excepted}`);
}

/** The values of a key from its text: what `rowKeyText` made it of. */
function keyOfText(table: Table, keyText: string): Row {
  const [only, ...more] = table.key;
  if (only !== undefined && more.length === 0) return { [only]: keyText };
  const values = JSON.parse(keyText) as readonly unknown[]; // made by rowKeyText
  return Object.fromEntries(table.key.map((column, index) => [column, values[index]]));
}

const keysPerPage = 5_000;

async function* keyPages(table: Table, keyTexts: ReadonlySet<string>): AsyncGenerator<readonly Row[]> {
  let page: Row[] = [];
  for (const keyText of keyTexts) {
    const key = tryKeyOfText(table, keyText);
    if (key !== undefined && page.push(key) >= keysPerPage) {
      yield page;
      page = [];
    }
  }
  if (page.length > 0) yield page;
}

// an event whose keys could not be told is parked as #position, which is the key of no row
function tryKeyOfText(table: Table, keyText: string): Row | undefined {
  try {
    const key = keyOfText(table, keyText);
    return rowKeyText(table, key) === keyText ? key : undefined;
  } catch {
    return undefined;
  }
}

async function* mapped<A, B>(items: AsyncIterable<A>, map: (item: A) => B): AsyncGenerator<B> {
  for await (const item of items) yield map(item);
}

export function qualified(schema: string, name: string): string {
  return `${quoted(schema)}.${quoted(name)}`;
}

function list(columns: readonly string[]): string {
  return columns.map(quoted).join(', ');
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
