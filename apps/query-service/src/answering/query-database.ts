import { createHash } from 'node:crypto';
import type { Pool } from '@kiroku/postgres';
import { Kysely, PostgresDialect, type PostgresPoolClient } from 'kysely';
import type { PoolClient } from 'pg';

const most = 500; // texts a query may have are few (filters and sorts); should they be many, the rest is planned each time

/**
 * Kysely over a pool, with statements that each connection prepares once. Planning is most of the work of a read by key:
 * 1,290 reads/s instead of 980 with 8 callers on two cores.
 */
export function queryDatabase(pool: Pool): Kysely<unknown> {
  const names = new Map<string, string>();
  const nameOf = (text: string): string | undefined => {
    const known = names.get(text);
    if (known !== undefined || names.size >= most) return known;
    const name = createHash('sha256').update(text).digest('base64url');
    names.set(text, name);
    return name;
  };
  const clients = new WeakMap<PoolClient, PostgresPoolClient>(); // Kysely knows a connection by its object
  const clientOf = (connection: PoolClient): PostgresPoolClient => {
    const known = clients.get(connection);
    if (known !== undefined) return known;
    connection.on('error', () => undefined); // lost while in use: its statement fails with the reason, the process goes on
    const client = preparing(connection, nameOf);
    clients.set(connection, client);
    return client;
  };
  return new Kysely({
    dialect: new PostgresDialect({ pool: { connect: async () => clientOf(await pool.connect()), end: () => pool.end() } }),
  });
}

function preparing(connection: PoolClient, nameOf: (text: string) => string | undefined): PostgresPoolClient {
  const query = (text: string, values: readonly unknown[]) => {
    const name = values.length > 0 ? nameOf(text) : undefined;
    return connection.query({ text, values: [...values], ...(name !== undefined && { name }) });
  };
  const client = { query, release: (destroy?: boolean) => connection.release(destroy) };
  return client as unknown as PostgresPoolClient; // but for cursors, which nothing here opens
}
