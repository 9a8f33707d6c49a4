import { throwAwayDatabase } from '@kiroku/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migrate } from '../migrate/migrate.ts';
import { findTool } from '../server-tools/find-tool.ts';
import { DatabaseDump } from './dump-database.ts';
import { createNeighbour, databaseIn, dropNeighbour, neighbour } from './neighbour-databases.ts';
import { restoreDump } from './restore-dump.ts';
import { closedDatabases, letIn, switchDatabases } from './switch-databases.ts';

const major = 17;
const missing = await findTool('pg_dump', major).then(
  () => '',
  () => ` (needs pg_dump: apt-get install postgresql-client-${major})`,
);
type Database = Awaited<ReturnType<typeof throwAwayDatabase>>;

async function query(url: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

const notes = (url: string) => query(url, 'select text from kiroku.notes order by text');

describe.skipIf(missing !== '')(`a dump of a database${missing}`, () => {
  let database: Database;
  beforeAll(async () => {
    database = await throwAwayDatabase('command_db', migrate);
    await query(database.url, `create table kiroku.notes (text text); grant select on kiroku.notes to kiroku_service`);
    await query(database.url, `insert into kiroku.notes values ('before')`);
  });
  afterAll(() => database[Symbol.asyncDispose]());

  test('holds what there was at its moment, in a database beside it, with the rights of the roles', async () => {
    const name = `${databaseIn(database.url)}_restored`;
    await using dump = await DatabaseDump.open({ url: database.url, major });
    await query(database.url, `insert into kiroku.notes values ('after')`);
    expect((await dump.connection.query('select text from kiroku.notes')).rows).toEqual([{ text: 'before' }]);
    const restored = await createNeighbour(database.url, name);
    try {
      await restoreDump(dump.content(), { url: restored, major });
      expect(await notes(restored)).toEqual([{ text: 'before' }]);
      expect(await notes(neighbour(database.serviceUrl, name))).toEqual([{ text: 'before' }]);
    } finally {
      await dropNeighbour(database.url, name);
    }
  });

  test('that is cut short is refused by name', async () => {
    const name = `${databaseIn(database.url)}_cut`;
    await using dump = await DatabaseDump.open({ url: database.url, major });
    async function* cut() {
      for await (const chunk of dump.content()) {
        yield chunk.subarray(0, 2_000);
        return;
      }
    }
    const restored = await createNeighbour(database.url, name);
    try {
      await expect(restoreDump(cut(), { url: restored, major })).rejects.toMatchObject({
        code: 'ToolFailed',
        message: expect.stringContaining('pg_restore'),
      });
    } finally {
      await dropNeighbour(database.url, name);
    }
  });

  test('whose database goes away under it says so at its end', async () => {
    const lost = await throwAwayDatabase('query_db', migrate);
    await using dump = await DatabaseDump.open({ url: lost.url, major });
    await lost[Symbol.asyncDispose]();
    const read = async () => {
      for await (const _chunk of dump.content());
    };
    await expect(read()).rejects.toMatchObject({ code: 'ToolFailed' });
  });

  test('needs a database of its name to be free', async () => {
    await expect(createNeighbour(database.url, databaseIn(database.url))).rejects.toMatchObject({ code: 'RestoreRefused' });
  });
});

describe('databases that change places', () => {
  let database: Database;
  beforeAll(async () => {
    database = await throwAwayDatabase('command_db', migrate);
  });
  afterAll(() => database[Symbol.asyncDispose]());

  const names = () => {
    const name = databaseIn(database.url);
    return { name, restored: `${name}_new`, aside: `${name}_old` };
  };

  test('do so under those who keep connecting, and nobody is let into the old one', async () => {
    const { name, restored, aside } = names();
    const fresh = await createNeighbour(database.url, restored);
    await query(fresh, `create table which as select 'restored' as one`);
    await query(database.url, `create table which as select 'old' as one`);
    const seen = new Set<unknown>();
    let stop = false;
    const busy = (async () => {
      while (!stop)
        seen.add(
          await query(database.url, 'select one, pg_sleep(0.02) from which').then(
            (rows) => rows[0]?.one,
            () => 'cut off',
          ),
        );
    })();
    await switchDatabases(database.url, [{ name, restored, aside }]);
    expect(await query(database.url, 'select one from which')).toEqual([{ one: 'restored' }]);
    stop = true;
    await busy;
    expect(await query(neighbour(database.url, aside), 'select 1').catch(String)).toContain('not currently accepting connections');
    await letIn(database.url, [aside]);
    expect(await query(neighbour(database.url, aside), 'select one from which')).toEqual([{ one: 'old' }]);
    await dropNeighbour(database.url, aside);
  });

  test('are all left as they were if one of them cannot', async () => {
    const { name, restored, aside } = names();
    await expect(switchDatabases(database.url, [{ name, restored: `${restored}_unknown`, aside }])).rejects.toThrow(/does not exist/);
    expect(await closedDatabases(database.url, [name])).toEqual([]);
    expect(await query(database.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });
});

test('a tool that is not here is named, with what installs it', async () => {
  await expect(findTool('pg_restore', 99)).rejects.toMatchObject({
    code: 'ToolMissing',
    message: expect.stringContaining('apt-get install postgresql-client-99'),
  });
});
