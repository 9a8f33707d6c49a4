import type { z } from 'zod';
import { configurationInvalid } from './read-config.ts';
import type { databaseSettings } from './shared-settings.ts';

export interface DatabaseUrls {
  readonly event_store: string;
  readonly command_db: string;
  readonly query_db: string;
}

type Given = Pick<
  z.output<typeof databaseSettings>,
  'DATABASE_URL' | 'EVENT_STORE_DATABASE_URL' | 'COMMAND_DATABASE_URL' | 'QUERY_DATABASE_URL'
>;

/** The URL of each database: its own variable, or that database on `DATABASE_URL`. Throws `ConfigurationInvalid` if there is neither. */
export function databaseUrls(given: Given): DatabaseUrls {
  const variables = {
    event_store: 'EVENT_STORE_DATABASE_URL',
    command_db: 'COMMAND_DATABASE_URL',
    query_db: 'QUERY_DATABASE_URL',
  } as const satisfies Record<keyof DatabaseUrls, keyof Given>;
  const missing = given.DATABASE_URL === undefined ? Object.values(variables).filter((name) => given[name] === undefined) : [];
  if (missing.length > 0) {
    const allowed = 'a postgres:// URL, or DATABASE_URL for the server of all three';
    throw configurationInvalid(missing.map((variable) => ({ variable, problem: 'is missing', allowed })));
  }
  const urlOf = (database: keyof DatabaseUrls) => given[variables[database]] ?? onServer(given.DATABASE_URL ?? '', database);
  return { event_store: urlOf('event_store'), command_db: urlOf('command_db'), query_db: urlOf('query_db') };
}

function onServer(server: string, database: string): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.href;
}

/** Where command_db is, for a program that can do without; `undefined` if the environment does not say. */
export function commandDatabaseUrl(given: Pick<Given, 'DATABASE_URL' | 'COMMAND_DATABASE_URL'>): string | undefined {
  return given.COMMAND_DATABASE_URL ?? (given.DATABASE_URL === undefined ? undefined : onServer(given.DATABASE_URL, 'command_db'));
}
