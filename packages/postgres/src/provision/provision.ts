import pg from 'pg';
import { toKirokuError } from '../errors.ts';
import { type DatabaseName, databaseNames } from '../migrate/database-name.ts';
import { statement } from '../statement.ts';
import type { Credentials } from './credentials.ts';
import { databaseUrl } from './database-url.ts';

export interface ProvisionOptions {
  /** Of the server, as superuser. */
  readonly url: string;
  readonly credentials: Credentials;
}

const roles = { kiroku_owner: 'owner', kiroku_service: 'service', kiroku_maintenance: 'maintenance' } as const;

/**
 * Brings a server to where `migrate` can begin: roles that may log in with the passwords given, the three databases, reachable by those
 * roles alone, and pg_stat_statements. Changes nothing that is already so.
 */
export async function provision({ url, credentials }: ProvisionOptions): Promise<void> {
  try {
    await connected(url, async (client) => {
      await client.query(statement('migrate/create_roles').text);
      for (const [role, name] of Object.entries(roles)) {
        await client.query(`alter role ${role} login password ${client.escapeLiteral(credentials[name])}`);
      }
      await client.query('grant pg_read_all_stats to kiroku_maintenance');
      for (const database of databaseNames) await ensureDatabase(client, database);
    });
    await Promise.all(
      databaseNames.map((database) =>
        connected(databaseUrl(url, database), async (client) => {
          await client.query('create extension if not exists pg_stat_statements');
        }),
      ),
    );
  } catch (error) {
    throw toKirokuError(error);
  }
}

async function ensureDatabase(client: pg.Client, database: DatabaseName): Promise<void> {
  const found = await client.query(statement('provision/find_database').text, [database]);
  if (found.rowCount === 0) await client.query(`create database ${database} owner kiroku_owner`);
  await client.query(`revoke all on database ${database} from public`);
  await client.query(`grant connect on database ${database} to ${Object.keys(roles).join(', ')}`);
  // not in event_store: whoever can make temporary objects there could shadow what the append function looks up
  if (database !== 'event_store') await client.query(`grant temporary on database ${database} to kiroku_service`);
}

async function connected(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'kiroku-provision' });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
