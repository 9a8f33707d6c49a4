import { randomBytes, randomUUID } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Projection, streamName } from '@kiroku/core';
import type { Installation } from '@kiroku/operations';
import { databaseNames, databaseUrl, EmbeddedPostgres, ensureCredentials, migrate, PostgresEventStore, provision } from '@kiroku/postgres';
import { orderPlaced } from './order-event.ts';
import { freePort } from './server.ts';

/** An installation with an embedded PostgreSQL that runs, in a directory that is removed afterwards. */
export interface BackedUpShop extends AsyncDisposable {
  readonly installation: Installation;
  /** Of event_store, as superuser. */
  readonly url: string;
  readonly server: EmbeddedPostgres;
  /** Beside the data. */
  readonly directory: string;
}

const writers = 64;

/** Appends so many events, ten to a stream, as fast as they go in. The read models are not built. */
export async function backedUpShop(events: number, projections: readonly Projection[] = []): Promise<BackedUpShop> {
  const directory = await mkdtemp(join(tmpdir(), 'kiroku-bench-'));
  await chmod(directory, 0o755); // as root, the server runs as another account
  const installation = await installationIn(join(directory, 'data'), projections);
  const credentials = await ensureCredentials(installation.dataDirectory);
  const server = new EmbeddedPostgres({
    directory: join(installation.dataDirectory, 'postgres'),
    port: installation.postgresPort,
    superuserPassword: credentials.superuser,
  });
  await server.start();
  await provision({ url: server.url, credentials });
  for (const database of databaseNames) await migrate({ database, url: databaseUrl(server.url, database) });
  const url = databaseUrl(server.url, 'event_store');
  await fill(url, events);
  return {
    installation,
    url,
    server,
    directory,
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function installationIn(dataDirectory: string, projections: readonly Projection[]): Promise<Installation> {
  return {
    root: dataDirectory,
    config: { name: 'bench', application: { name: 'bench', aggregates: [], projections, processManagers: [] }, services: [] },
    dataDirectory,
    host: '127.0.0.1',
    postgresPort: await freePort(),
    databases: undefined,
    ports: {},
    backup: {
      repository: { place: join(dataDirectory, 'backups') },
      besideData: true,
      method: 'auto',
      pgbackrest: { stanzas: [] },
      schedule: undefined,
      drillSchedule: undefined,
      keepDays: 30,
      archiveTimeoutSeconds: 60,
    },
    operator: { name: `bench-${randomBytes(2).toString('hex')}` },
    stopTimeoutMs: 1_000,
    environment: {},
  };
}

async function fill(url: string, events: number): Promise<void> {
  await using store = new PostgresEventStore({ url });
  let left = events;
  const write = async (): Promise<void> => {
    while (left > 0) {
      left -= 10;
      const batch = Array.from({ length: 10 }, orderPlaced);
      await store.append({ streams: [{ stream: streamName('order', randomUUID()), expectedVersion: 'noStream', events: batch }] });
    }
  };
  await Promise.all(Array.from({ length: writers }, write));
}
