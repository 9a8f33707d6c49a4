import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type DatabaseName, databaseNames, type MigrateOptions, migrate } from '@kiroku/postgres';
import { type ThrowAwayDatabase, throwAwayDatabase } from '@kiroku/testing';
import pg from 'pg';
import { root } from '../shop/running-shop.ts';

/** What an earlier release stored, as `scripts/record-release.mjs` recorded it. */
export interface RecordedRelease extends AsyncDisposable {
  readonly databases: { readonly [database in DatabaseName]: ThrowAwayDatabase };
  /** Rows of each table. */
  readonly rows: ReadonlyMap<string, number>;
}

interface Table {
  readonly name: string;
  readonly partition: boolean;
  readonly columns: readonly string[];
  readonly identities: readonly string[];
  /** How it is created, if no migration does that. */
  readonly definition: string | null;
}
type Row = readonly (string | null)[];
type Line = Table | Row;

/** Makes the release's databases, by its own migrations, and writes its other files into a data directory. */
export async function restoreRelease(release: string, dataDirectory: string): Promise<RecordedRelease> {
  const rows = new Map<string, number>();
  const restored: Partial<Record<DatabaseName, ThrowAwayDatabase>> = {};
  for (const database of databaseNames) {
    const lines = await linesOf(release, database);
    restored[database] = await databaseOf(release, database, lines);
    for (const [table, count] of await restoreRows(restored[database].url, lines)) rows.set(`${database}: ${table}`, count);
  }
  for (const [path, text] of (await linesOf(release, 'files')) as readonly [string, string][]) {
    await mkdir(dirname(join(dataDirectory, path)), { recursive: true });
    await writeFile(join(dataDirectory, path), text, { mode: 0o600 });
  }
  const databases = restored as RecordedRelease['databases']; // each has been made
  return {
    databases,
    rows,
    async [Symbol.asyncDispose]() {
      for (const database of Object.values(databases)) await database[Symbol.asyncDispose]();
    },
  };
}

async function linesOf(release: string, name: string): Promise<readonly Line[]> {
  const text = gunzipSync(await readFile(join(root, 'tests/upgrade', release, `${name}.jsonl.gz`))).toString();
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
}

/** An empty database at the migrations that the release had. */
async function databaseOf(release: string, database: DatabaseName, lines: readonly Line[]): Promise<ThrowAwayDatabase> {
  const known = lines.findIndex((line) => isTable(line) && line.name === 'kiroku.migrations');
  const applied = lines.slice(known + 1).findIndex(isTable);
  const directory = await mkdtemp(join(tmpdir(), 'kiroku-migrations-'));
  const all = join(root, 'packages/postgres/migrations', database);
  for (const file of (await readdir(all)).sort().slice(0, applied)) await cp(join(all, file), join(directory, database, file));
  const migrateEarlier = (options: MigrateOptions) => migrate({ ...options, directory });
  const made = await throwAwayDatabase(database, migrateEarlier, { template: `${release}_${database}` });
  await rm(directory, { recursive: true });
  return made;
}

/** Returns how many rows each table has. */
async function restoreRows(url: string, lines: readonly Line[]): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  const client = new pg.Client(url);
  await client.connect();
  await client.query(`set session_replication_role = replica`); // triggers have done what they do
  await dropPartitions(client); // those of the time at which it was recorded come in their place
  for (const [index, table] of lines.entries()) {
    if (!isTable(table)) continue;
    await prepare(client, table);
    const next = lines.slice(index + 1).findIndex(isTable);
    const rows = lines.slice(index + 1, next === -1 ? undefined : index + 1 + next) as readonly Row[];
    if (!table.partition) counts.set(table.name, rows.length);
    for (let from = 0; from < rows.length; from += 200) await insert(client, table, rows.slice(from, from + 200));
  }
  await client.end();
  return counts;
}

async function dropPartitions(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select oid::regclass::text as name from pg_class where relispartition and relkind = 'r'`,
  );
  for (const { name } of rows) await client.query(`drop table ${name}`);
}

async function prepare(client: pg.Client, { name, partition, definition }: Table): Promise<void> {
  const { rowCount } = await client.query('select where to_regclass($1) is not null', [name]);
  if (rowCount === 0 && definition !== null) {
    await client.query(`${definition}; reset role`);
  } else if (!partition) await client.query(`delete from ${name}`); // what the migrations put there
}

async function insert(client: pg.Client, { name, columns, identities }: Table, rows: readonly Row[]): Promise<void> {
  const names = columns.map((column) => client.escapeIdentifier(column)).join();
  const places = rows.map((_, row) => `(${columns.map((_, index) => `$${row * columns.length + index + 1}`).join()})`).join();
  await client.query(`insert into ${name} (${names}) overriding system value values ${places}`, rows.flat());
  for (const column of identities) {
    await client.query(
      `select setval(pg_get_serial_sequence('${name}', '${column}'), max(${client.escapeIdentifier(column)})) from ${name}`,
    );
  }
}

function isTable(line: Line): line is Table {
  return 'name' in line;
}
