import { KirokuError } from '@kiroku/core';
import pg from 'pg';
import { toKirokuError } from '../errors.ts';
import { statement } from '../statement.ts';

/** The same server, user and options, another database. */
export function neighbour(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${encodeURIComponent(database)}`;
  return changed.href;
}

export function databaseIn(url: string): string {
  return decodeURIComponent(new URL(url).pathname.slice(1));
}

/** Works on the databases beside one, from the database `postgres`, as whoever may create and rename them. */
export async function besideDatabase<Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: neighbour(url, 'postgres'), application_name: 'kiroku-restore' });
  try {
    await client.connect();
    return await work(client);
  } catch (error) {
    throw toKirokuError(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Creates an empty database beside one, with its owner and who may connect. Throws `RestoreRefused` if the name is taken. */
export async function createNeighbour(url: string, name: string): Promise<string> {
  await besideDatabase(url, async (client) => {
    const { rows } = await client.query<{ datname: string; owner: string }>(
      'select datname, datdba::regrole::text as owner from pg_catalog.pg_database where datname = any($1)',
      [[name, databaseIn(url)]],
    );
    if (rows.some(({ datname }) => datname === name)) {
      throw new KirokuError(
        'RestoreRefused',
        `There is a database ${name} already, perhaps of a restore that was interrupted. Drop it, or rename it, and repeat.`,
      );
    }
    const owner = rows[0]?.owner;
    const owned = owner === undefined ? '' : ` owner ${owner}`;
    await client.query(`create database ${client.escapeIdentifier(name)} template template0${owned}`);
    await copyPrivileges(client, { from: databaseIn(url), to: name });
  });
  return neighbour(url, name);
}

/** Drops databases beside one whose names begin so and that nobody is connected to; returns their names. */
export async function dropUnusedNeighbours(url: string, prefix: string): Promise<readonly string[]> {
  return besideDatabase(url, async (client) => {
    const { rows } = await client.query<{ datname: string }>(statement('dump/list_unused_databases').text, [prefix]);
    for (const { datname } of rows) await client.query(`drop database if exists ${client.escapeIdentifier(datname)}`);
    return rows.map(({ datname }) => datname);
  });
}

export async function dropNeighbour(url: string, name: string): Promise<void> {
  await besideDatabase(url, (client) => client.query(`drop database if exists ${client.escapeIdentifier(name)} with (force)`));
}

/** pg_dump leaves out who may do what with the database as a whole. */
async function copyPrivileges(client: pg.Client, { from, to }: { readonly from: string; readonly to: string }): Promise<void> {
  const { rows } = await client.query<{ granted: string }>(statement('dump/read_database_grants').text, [from, to]);
  for (const { granted } of rows) await client.query(granted);
}
