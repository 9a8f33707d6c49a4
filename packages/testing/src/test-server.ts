import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dropThrowAwayDatabases } from './throw-away-database.ts';

/** A PostgreSQL server, such as `EmbeddedPostgres` of `@kiroku/postgres`. */
export interface TestServer {
  /** As superuser; known once it is started. */
  readonly url: string;
  start(): Promise<unknown>;
  stop(): Promise<unknown>;
}

/** What a server of the tests is made with. */
export interface TestServerOptions {
  /** Removed with everything in it after the run. */
  readonly directory: string;
  readonly superuserPassword: string;
  /** It need not survive a crash. */
  readonly durable: false;
}

/**
 * Gives the databases of `throwAwayDatabase` a server: that of KIROKU_TEST_DATABASE_URL (as superuser), or one for this run. To be called by a
 * `globalSetup` of vitest; returns what ends it, and does nothing if another project of the run has called it.
 */
export async function testServer(make: (options: TestServerOptions) => TestServer | Promise<TestServer>): Promise<() => Promise<void>> {
  if (process.env.KIROKU_TEST_RUN !== undefined) return () => Promise.resolve();
  const run = `${Date.now().toString(36)}${randomBytes(2).toString('hex')}`;
  process.env.KIROKU_TEST_RUN = run; // workers inherit the environment
  const given = process.env.KIROKU_TEST_DATABASE_URL;
  if (given !== undefined) return () => dropThrowAwayDatabases(given, run);
  const directory = await mkdtemp(join(tmpdir(), 'kiroku-tests-'));
  const remove = () => rm(directory, { recursive: true, force: true });
  try {
    await chmod(directory, 0o755); // as root, the server runs as another account
    const server = await make({ directory: join(directory, 'postgres'), superuserPassword: run, durable: false });
    await server.start().catch(async (error: unknown) => {
      await server.stop().catch(() => undefined); // why it does not start is told
      throw error;
    });
    process.env.KIROKU_TEST_DATABASE_URL = server.url;
    return async () => {
      await server.stop();
      await remove();
    };
  } catch (error) {
    delete process.env.KIROKU_TEST_RUN;
    await remove();
    throw error;
  }
}
