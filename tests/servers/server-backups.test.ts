import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type BackupRepository, openRepository } from '@kiroku/backup';
import { streamName } from '@kiroku/core';
import {
  createBackup,
  enableOnServers,
  faultsInPgBackRest,
  type Installation,
  migrateDatabases,
  planRestore,
  pruneBackups,
  type RestoreReport,
  type RestoreWanted,
  restore,
  statusOfServers,
  urlsOnServer,
} from '@kiroku/operations';
import { createPool, neighbour, PostgresEventStore, provision, readChainHead } from '@kiroku/postgres';
import { InMemoryKeyStore } from '@kiroku/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { testInstallation } from '../backup/test-installation.ts';
import { DebianServer, missing } from './debian-server.ts';

const dayMs = 86_400_000;
const credentials = { superuser: 'secret', owner: 'owner', service: 'service', maintenance: 'maintenance' };

async function query(url: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** An application whose databases are on a server of Debian's. */
class Served implements AsyncDisposable {
  readonly server: DebianServer;
  readonly installation: Installation;
  readonly repository: BackupRepository;
  readonly keys = new InMemoryKeyStore();

  private constructor(server: DebianServer, installation: Installation, repository: BackupRepository) {
    this.server = server;
    this.installation = installation;
    this.repository = repository;
  }

  static async start(method: 'pg_dump' | 'pgbackrest'): Promise<Served> {
    const server = await DebianServer.start();
    await provision({ url: server.url, credentials });
    const repository = { place: await server.ownDirectory('backups'), key: 'of a test, thirty-two characters long' };
    const installation = await testInstallation({
      root: server.directory,
      dataDirectory: join(server.directory, 'kiroku'),
      databases: urlsOnServer(server.url),
      backup: {
        repository,
        method,
        pgbackrest: { stanzas: ['shop'], configFile: join(server.directory, 'work', 'pgbackrest.conf') },
      },
    });
    await migrateDatabases(installation, () => undefined);
    return new Served(server, installation, await openRepository(repository));
  }

  get url(): string {
    return neighbour(this.server.url, 'event_store');
  }

  /** Appends an event each to so many streams. */
  async append(count: number): Promise<void> {
    await using store = new PostgresEventStore({ url: this.url });
    const event = { type: 'Noted', data: { text: 'x' } };
    const one = () =>
      store.append({ streams: [{ stream: streamName('note', randomUUID()), expectedVersion: 'noStream', events: [event] }] });
    await Promise.all(Array.from({ length: count }, one));
  }

  async restore(wanted: RestoreWanted): Promise<RestoreReport> {
    const { installation, repository } = this;
    const plan = await planRestore(installation, repository, wanted);
    return restore(installation, plan, { repository, keys: this.keys, agree: () => Promise.resolve(true) });
  }

  /** The server that was restored beside this one runs on. */
  async stopRestored(): Promise<void> {
    for (const name of await readdir(this.server.directory)) {
      if (name.startsWith('data-restored-')) await this.server.stop('immediate', join(this.server.directory, name));
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.server[Symbol.asyncDispose]();
  }
}

async function headOf(url: string) {
  await using pool = createPool({ url, applicationName: 'tests', max: 1 });
  const { position, timeline } = await readChainHead(pool);
  return { position, timeline };
}

describe.skipIf(missing !== '')(`databases on a server, dumped${missing}`, () => {
  let served: Served;
  beforeAll(async () => {
    served = await Served.start('pg_dump');
  });
  afterAll(() => served?.[Symbol.asyncDispose]());

  test('are restored by renaming, and those of before let nobody in', async () => {
    await served.append(5);
    const { id, head, parts, encrypted } = await createBackup(served.installation, { repository: served.repository });
    expect({ position: head.position, encrypted }).toEqual({ position: 5, encrypted: true });
    expect(parts.map(({ name }) => name)).toEqual(['query_db.dump', 'command_db.dump', 'event_store.dump', 'keys.tar']);
    await served.append(3);
    await createBackup(served.installation, { repository: served.repository }); // of what is left then
    const report = await served.restore({ kind: 'backup', id });
    const latest = await planRestore(served.installation, served.repository, { kind: 'latest' });
    expect(latest.manifest.id).toBe(id);
    expect(report).toMatchObject({ position: 5, timeline: 2, eventsLost: 3 });
    expect(await headOf(served.url)).toEqual({ position: 5, timeline: 2 });
    const names = (await query(served.server.url, 'select datname, datallowconn from pg_database where not datistemplate order by 1')).map(
      ({ datname, datallowconn }) => [datname, datallowconn],
    );
    const before = expect.stringMatching(/_before_/);
    expect(names).toEqual([
      ['command_db', true],
      [before, false],
      ['event_store', true],
      [before, false],
      ['postgres', true],
      ['query_db', true],
      [before, false],
    ]);
    await served.append(2);
    expect(await headOf(served.url)).toEqual({ position: 7, timeline: 2 });
  });

  test('go back to no moment between dumps', async () => {
    const time = new Date().toISOString();
    await expect(served.restore({ kind: 'time', time })).rejects.toMatchObject({ code: 'RestoreRefused' });
    expect(await headOf(served.url)).toEqual({ position: 7, timeline: 2 });
  });

  test('stay as they are if the restore is not agreed to, and nothing is left of it, or of one that was killed', async () => {
    const { installation, repository } = served;
    await query(served.server.url, 'create database command_db_restored_20260101T000000Z');
    const plan = await planRestore(installation, repository, { kind: 'latest' });
    const refused = restore(installation, plan, { repository, keys: served.keys, agree: () => Promise.resolve(false) });
    await expect(refused).rejects.toMatchObject({ code: 'RestoreRefused' });
    expect(await headOf(served.url)).toEqual({ position: 7, timeline: 2 });
    expect(await query(served.server.url, `select from pg_database where datname like '%restored%'`)).toEqual([]);
  });
});

describe.skipIf(missing !== '')(`databases on a server that pgBackRest looks after${missing}`, () => {
  let served: Served;
  let restored: RestoreReport;
  beforeAll(async () => {
    served = await Served.start('pgbackrest');
  });
  afterAll(async () => {
    if (restored !== undefined) await served.stopRestored();
    await served?.[Symbol.asyncDispose]();
  });

  test('hand their write-ahead log over from the next start on, and prove it', async () => {
    await served.server.ownDirectory('work');
    const first = await enableOnServers(served.installation);
    expect(first).toMatchObject({ toRestart: ['shop'] });
    await served.server.restart();
    const second = await enableOnServers(served.installation);
    expect(second).toMatchObject({ toRestart: [], done: [expect.stringContaining('shop')] });
    expect(await statusOfServers(served.installation)).toMatchObject([
      { stanza: 'shop', handsOver: true, wal: { first: expect.any(String) } },
    ]);
  });

  test('are restored to a moment, beside the server in use, which stays as it is', async () => {
    await served.append(5);
    const { pgbackrest, parts } = await createBackup(served.installation, { repository: served.repository });
    expect(pgbackrest).toMatchObject([{ stanza: 'shop', databases: ['event_store', 'command_db', 'query_db'], major: 17 }]);
    expect(parts.map(({ name }) => name)).toEqual(['keys.tar']);
    const [manifest] = (await served.repository.list()).backups;
    if (manifest !== undefined) expect(await faultsInPgBackRest(served.installation, manifest)).toEqual([]);
    await served.append(3);
    const [{ now } = { now: '' }] = await query(served.url, 'select clock_timestamp()::text as now');
    await served.append(4);
    await query(served.url, 'drop table kiroku.events cascade');
    const left = await served.server.ownDirectory('data-restored-drill_20260101T000000Z'); // of a drill that was killed
    restored = await served.restore({ kind: 'time', time: new Date(String(now)).toISOString() });
    expect(restored).toMatchObject({
      timeline: 2,
      switching: [expect.stringContaining('event_store, command_db, query_db are served from')],
    });
    expect(existsSync(left)).toBe(false);
    expect([8, 7]).toContain(restored.position); // its milliseconds may cut the last off
    const url = /EVENT_STORE_DATABASE_URL=\S+@(\S+)\/event_store/.exec(restored.todo.join('\n'))?.[1];
    expect(await headOf(`postgres://postgres:secret@${url}/event_store`)).toEqual({ position: restored.position, timeline: 2 });
    expect(await query(served.url, `select to_regclass('kiroku.events') as events`)).toEqual([{ events: null }]);
  });

  test('have old backups removed where they are kept', async () => {
    const { installation, repository } = served;
    const [first] = (await repository.list()).backups;
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 8 * dayMs }); // a week later, so that it stands alone
    try {
      const second = await createBackup(installation, { repository });
      vi.setSystemTime(Date.now() + 40 * dayMs);
      expect((await pruneBackups(installation, repository)).backups).toMatchObject([{ id: first?.id, why: 'too old' }]);
      expect((await repository.list()).backups).toMatchObject([{ id: second.id }]);
      expect(await faultsInPgBackRest(installation, second)).toEqual([]);
      if (first !== undefined) expect(await faultsInPgBackRest(installation, first)).toEqual([expect.stringContaining('expired')]);
    } finally {
      vi.useRealTimers();
    }
  });
});
