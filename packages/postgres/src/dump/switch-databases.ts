import type pg from 'pg';
import { besideDatabase } from './neighbour-databases.ts';

export interface DatabaseSwitch {
  /** As it is in use. */
  readonly name: string;
  /** What takes its place. */
  readonly restored: string;
  /** What the one in use is called from then on. */
  readonly aside: string;
}

/**
 * Puts restored databases in the place of those in use, all of one server in one transaction: either all are renamed, or none. Nobody is let
 * in meanwhile, and whoever is connected is cut off, because PostgreSQL renames only what nobody uses. What was put aside lets nobody in
 * until `letIn`, so that no service goes on with it by mistake.
 */
export async function switchDatabases(url: string, switches: readonly DatabaseSwitch[]): Promise<void> {
  const used = switches.map(({ name }) => name);
  await besideDatabase(url, async (client) => {
    await allowConnections(client, used, false);
    try {
      await endConnections(client, [...used, ...switches.map(({ restored }) => restored)]);
      await client.query('begin');
      for (const { name, restored, aside } of switches) {
        await client.query(`alter database ${client.escapeIdentifier(name)} rename to ${client.escapeIdentifier(aside)}`);
        await client.query(`alter database ${client.escapeIdentifier(restored)} rename to ${client.escapeIdentifier(name)}`);
      }
      await client.query('commit');
    } catch (error) {
      await client.query('rollback');
      await allowConnections(client, used, true);
      throw error;
    }
  });
}

/** Lets people into databases again that a switch put aside, or that a switch which was killed had closed. */
export async function letIn(url: string, names: readonly string[]): Promise<void> {
  await besideDatabase(url, (client) => allowConnections(client, names, true));
}

/** Which of these a switch has closed. */
export async function closedDatabases(url: string, names: readonly string[]): Promise<readonly string[]> {
  return besideDatabase(url, async (client) => {
    const { rows } = await client.query<{ datname: string }>(
      'select datname from pg_catalog.pg_database where datname = any($1) and not datallowconn order by datname',
      [names],
    );
    return rows.map(({ datname }) => datname);
  });
}

async function allowConnections(client: pg.Client, names: readonly string[], allowed: boolean): Promise<void> {
  for (const name of names) await client.query(`alter database ${client.escapeIdentifier(name)} allow_connections ${allowed}`);
}

async function endConnections(client: pg.Client, names: readonly string[]): Promise<void> {
  await client.query(
    'select pg_terminate_backend(pid, 5000) from pg_catalog.pg_stat_activity where datname = any($1) and pid <> pg_backend_pid()',
    [names],
  );
}
