import { chown, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PgBackRest, RestoredServer, renderPgBackRestConfig } from '@kiroku/postgres';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePorts } from '../shop/free-ports.ts';
import { DebianServer, missing } from './debian-server.ts';

describe.skipIf(missing !== '')(`pgBackRest of one server${missing}`, () => {
  let server: DebianServer;
  let backrest: PgBackRest;

  async function query<Row extends object>(sql: string, url = server.url): Promise<readonly Row[]> {
    const client = new pg.Client(url);
    await client.connect();
    try {
      return (await client.query<Row>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  beforeAll(async () => {
    server = await DebianServer.start();
    const config = join(await server.ownDirectory('work'), 'pgbackrest.conf');
    const stanza = 'shop';
    const text = renderPgBackRestConfig({
      repository: { type: 'posix', path: await server.ownDirectory('repository') },
      key: 'of a test, thirty-two characters long',
      workDirectory: await server.ownDirectory('work'),
      keepDays: 30,
      stanzas: [
        { name: stanza, dataDirectory: server.dataDirectory, socketDirectory: server.directory, port: server.port, user: 'postgres' },
      ],
    });
    await writeFile(config, text, { mode: 0o600 });
    if (server.account !== undefined) await chown(config, server.account.uid, server.account.gid);
    await query(`alter system set archive_mode = on`);
    await query(`alter system set archive_command = '${await PgBackRest.archiveCommand({ config, stanza })}'`);
    await server.restart();
    backrest = new PgBackRest({ config, stanza, account: server.account && { name: 'postgres', ...server.account } });
    await backrest.createStanza();
    await backrest.check();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test('takes a backup that is known again, and goes back to a moment after it', async () => {
    await query(`create table kept as select 'before' as one`);
    const label = await backrest.backUp('full', { kiroku: '20261127T000000Z-abcd' });
    const { backups, fault, systemIdentifier } = await backrest.info();
    expect(fault).toBeUndefined();
    expect(systemIdentifier).toMatch(/^\d+$/);
    expect(backups).toMatchObject([{ label, type: 'full', damaged: false, annotations: { kiroku: '20261127T000000Z-abcd' } }]);
    await query(`insert into kept values ('after')`);
    const [moment] = await query<{ now: Date }>('select clock_timestamp() as now');
    await query('drop table kept');
    await query('select pg_switch_wal()');
    await expect.poll(async () => (await backrest.info()).wal?.last, { timeout: 20_000 }).toBeDefined();
    await backrest.check(); // a later segment has arrived, so this one has
    const [port = 0] = await freePorts(1);
    const dataDirectory = join(server.directory, 'restored');
    const account = server.account && { name: 'postgres', ...server.account };
    await backrest.restore({ dataDirectory, set: label, target: { kind: 'time', time: (moment?.now ?? new Date()).toISOString() } });
    const restored = await RestoredServer.start({ dataDirectory, port, major: 17, account });
    try {
      const url = server.url.replace(String(server.port), String(port));
      expect(await query('select one from kept order by one', url)).toEqual([{ one: 'after' }, { one: 'before' }]);
      expect(await query('select pg_is_in_recovery() as recovering', url)).toEqual([{ recovering: false }]);
    } finally {
      await restored.stop();
    }
    expect(await backrest.verify()).not.toContain('ERROR');
  });

  test('cannot go to a moment that it has no write-ahead log of', async () => {
    const [port = 0] = await freePorts(1);
    const dataDirectory = join(server.directory, 'too-late');
    const account = server.account && { name: 'postgres', ...server.account };
    const [backup] = (await backrest.info()).backups;
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
    await backrest.restore({ dataDirectory, set: backup?.label ?? '', target: { kind: 'time', time: tomorrow } });
    await expect(RestoredServer.start({ dataDirectory, port, major: 17, account })).rejects.toMatchObject({
      code: 'RestoreTargetOutOfRange',
    });
  });

  test('says in its own words what it refuses', async () => {
    const restored = backrest.restore({
      dataDirectory: join(server.directory, 'unknown'),
      set: '20200101-000000F',
      target: { kind: 'end of log' },
    });
    await expect(restored).rejects.toMatchObject({ code: 'ToolFailed', message: expect.stringContaining('20200101-000000F') });
  });
});
