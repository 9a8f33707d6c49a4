import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedPostgres } from '@kiroku/postgres';
import { dropThrowAwayDatabases } from '@kiroku/testing';

/** Gives the database tests a server: the one of KIROKU_TEST_DATABASE_URL (as superuser), or one of their own for this run. */
export default async function setUp(): Promise<() => Promise<void>> {
  const run = `${Date.now().toString(36)}${randomBytes(2).toString('hex')}`;
  process.env.KIROKU_TEST_RUN = run; // workers inherit the environment
  const given = process.env.KIROKU_TEST_DATABASE_URL;
  if (given !== undefined) return () => dropThrowAwayDatabases(given, run);
  const directory = await mkdtemp(join(tmpdir(), 'kiroku-tests-'));
  await chmod(directory, 0o755); // as root, the server runs as another account
  const server = new EmbeddedPostgres({
    directory: join(directory, 'postgres'),
    port: await freePort(),
    superuserPassword: run,
    durable: false,
  });
  await server.start();
  process.env.KIROKU_TEST_DATABASE_URL = server.url;
  return async () => {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  if (address === null || typeof address === 'string') throw new Error('The system gave no port.');
  return address.port;
}
