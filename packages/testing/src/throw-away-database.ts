import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** A database of its own for one test. Dropped when disposed, whoever is still connected. */
export interface ThrowAwayDatabase extends AsyncDisposable {
  readonly name: string;
  /** As superuser. */
  readonly url: string;
  /** As the role the services run as. */
  readonly serviceUrl: string;
  /** As the role that creates partitions. */
  readonly maintenanceUrl: string;
}

/** Brings an empty database to its present schema; must do nothing to one that has it. */
export type Migrate<Kind extends string> = (options: { readonly database: Kind; readonly url: string }) => Promise<unknown>;

const rolePassword = 'kiroku-service-in-tests';

/**
 * Clones a database from a template that is migrated once per test run. The server is the one of KIROKU_TEST_DATABASE_URL.
 * `await using database = await throwAwayDatabase('event_store', migrate)`
 */
export async function throwAwayDatabase<Kind extends string>(
  kind: Kind,
  migrate: Migrate<Kind>,
  {
    template: key = kind,
  }: { /** Names the template, if `migrate` is not the usual one of the kind. Default: the kind. */ readonly template?: string } = {},
): Promise<ThrowAwayDatabase> {
  const server = process.env.KIROKU_TEST_DATABASE_URL;
  const run = process.env.KIROKU_TEST_RUN;
  if (server === undefined || run === undefined) {
    throw new Error(
      'No test server: name a file in `globalSetup` of vitest.config.ts whose default export calls `testServer` (docs/guides/build-your-own.md, "Test it").',
    );
  }
  const name = `kiroku_test_${run}_${kind}_${randomBytes(5).toString('hex')}`;
  const url = withDatabase(server, name);
  await onServer(server, async (client) => {
    const template = await ensureTemplate(client, { server, run, kind, key, migrate });
    await client.query(`create database ${client.escapeIdentifier(name)} template ${client.escapeIdentifier(template)}`);
  });
  await migrate({ database: kind, url }); // applies nothing, but privileges on a database are not cloned with it
  return {
    name,
    url,
    serviceUrl: withUser(url, 'kiroku_service', rolePassword),
    maintenanceUrl: withUser(url, 'kiroku_maintenance', rolePassword),
    [Symbol.asyncDispose]: () => onServer(server, (client) => dropDatabase(client, name)),
  };
}

/** Drops what a test run left on the server: templates, and databases of tests that were killed. */
export async function dropThrowAwayDatabases(server: string, run: string): Promise<void> {
  await onServer(server, async (client) => {
    const left = await client.query<{ datname: string }>('select datname from pg_database where starts_with(datname, $1)', [
      `kiroku_test_${run}_`,
    ]);
    for (const { datname } of left.rows) await dropDatabase(client, datname);
  });
}

interface TemplateOptions<Kind extends string> {
  readonly server: string;
  readonly run: string;
  readonly kind: Kind;
  readonly key: string;
  readonly migrate: Migrate<Kind>;
}

async function ensureTemplate<Kind extends string>(client: pg.Client, options: TemplateOptions<Kind>): Promise<string> {
  const { server, run, kind, key, migrate } = options;
  const template = `kiroku_test_${run}_${key}_template`;
  // one at a time over all kinds: `create database` and `alter role` of two sessions get in each other's way
  await client.query(`select pg_advisory_lock(hashtextextended('kiroku.test-templates', 0))`);
  try {
    const found = await client.query('select from pg_database where datname = $1', [template]);
    if (found.rowCount === 0) {
      const unfinished = `${template}_new`;
      await dropDatabase(client, unfinished);
      await client.query(`create database ${client.escapeIdentifier(unfinished)} template template0`);
      await migrate({ database: kind, url: withDatabase(server, unfinished) });
      for (const role of ['kiroku_service', 'kiroku_maintenance']) await letLogIn(client, role);
      await client.query(`alter database ${client.escapeIdentifier(unfinished)} rename to ${client.escapeIdentifier(template)}`);
    }
    return template;
  } finally {
    await client.query(`select pg_advisory_unlock(hashtextextended('kiroku.test-templates', 0))`);
  }
}

async function letLogIn(client: pg.Client, role: string): Promise<void> {
  const able = await client.query('select from pg_roles where rolname = $1 and rolcanlogin', [role]);
  if (able.rowCount === 1) return;
  await client.query(`alter role ${client.escapeIdentifier(role)} login password ${client.escapeLiteral(rolePassword)}`);
}

async function dropDatabase(client: pg.Client, name: string): Promise<void> {
  await client.query(`drop database if exists ${client.escapeIdentifier(name)} with (force)`);
}

async function onServer<T>(server: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: server, application_name: 'kiroku-tests' });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}

function withUser(url: string, user: string, password: string): string {
  const changed = new URL(url);
  changed.username = user;
  changed.password = password;
  return changed.href;
}
