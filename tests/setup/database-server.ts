import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedPostgres } from '@kiroku/postgres';
import { dropThrowAwayDatabases } from '@kiroku/testing';
import { freePorts } from '../shop/free-ports.ts';
import { preparedDirectoryOf } from '../shop/prepared-directory.ts';

/** Gives the tests a server: the one of KIROKU_TEST_DATABASE_URL (as superuser), or one of their own for this run; all projects the same. */
export default async function setUp(): Promise<() => Promise<void>> {
  if (process.env.KIROKU_TEST_RUN !== undefined) return () => Promise.resolve(); // another project has
  const run = `${Date.now().toString(36)}${randomBytes(2).toString('hex')}`;
  process.env.KIROKU_TEST_RUN = run; // workers inherit the environment
  const given = process.env.KIROKU_TEST_DATABASE_URL;
  const removePrepared = () => rm(preparedDirectoryOf(run), { recursive: true, force: true });
  if (given !== undefined) return () => Promise.all([dropThrowAwayDatabases(given, run), removePrepared()]).then(() => undefined);
  const directory = await mkdtemp(join(tmpdir(), 'kiroku-tests-'));
  await chmod(directory, 0o755); // as root, the server runs as another account
  const [port = 0] = await freePorts(1);
  const server = new EmbeddedPostgres({
    directory: join(directory, 'postgres'),
    port,
    superuserPassword: run,
    durable: false,
  });
  await server.start();
  process.env.KIROKU_TEST_DATABASE_URL = server.url;
  return async () => {
    await server.stop();
    await Promise.all([rm(directory, { recursive: true, force: true }), removePrepared()]);
  };
}
