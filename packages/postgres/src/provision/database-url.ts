import type { DatabaseName } from '../migrate/database-name.ts';

/** The same server and user, another database. */
export function databaseUrl(server: string, database: DatabaseName): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.href;
}

/** The same server and database, another user. */
export function userUrl(server: string, user: string, password: string): string {
  const url = new URL(server);
  url.username = user;
  url.password = password;
  return url.href;
}
