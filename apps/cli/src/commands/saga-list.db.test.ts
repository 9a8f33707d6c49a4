import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '@kiroku/postgres';
import { throwAwayDatabase } from '@kiroku/testing';
import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { printedBy } from '../printed-by.test-service.ts';

let given: Awaited<ReturnType<typeof installation>>;
beforeAll(async () => {
  given = await installation();
});
afterAll(() => given?.[Symbol.asyncDispose]());

test('lists sagas, and goes on where the list before ended, though all moved at the same moment', async () => {
  const seen: string[] = [];
  for (let place: string | undefined = '2099-01-01'; place !== undefined; ) {
    const { printed }: { readonly printed: string } = await given.list('--limit', '2', '--before', place);
    seen.push(...(printed.match(/trip,\d/g) ?? []));
    place = /There may be more: go on with --before (\S+)/.exec(printed)?.[1];
  }
  expect(seen.sort()).toEqual(['trip,1', 'trip,2', 'trip,3', 'trip,4', 'trip,5']);
});

test('with --json, how it goes on is said beside what a program reads', async () => {
  const { printed } = await given.list('--limit', '1', '--json');
  expect(printed).toMatch(/^\[[\s\S]*\]\nThere may be more: go on with --before \S+,booking,trip%2C\d\n$/);
});

test('what is neither a place nor a moment is refused', async () => {
  expect(await given.list('--before', 'soon')).toMatchObject({ code: 2, printed: expect.stringContaining('how long ago') });
  expect(await given.list('--before', 'soon,booking,x')).toMatchObject({
    code: 1,
    printed: expect.stringContaining('no place in the list'),
  });
});

async function installation() {
  const database = await throwAwayDatabase('command_db', migrate);
  const owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
  await owner.query(`
    insert into kiroku.process_managers (name, log_id, timeline) values ('booking', gen_random_uuid(), 1);
    insert into kiroku.process_instances (process_manager, instance, state, status, updated_at, ended_at)
    select 'booking', 'trip,' || n, '{}', 'done', '2026-01-01', '2026-01-01' from generate_series(1, 5) as n`);
  await owner.end();
  const directory = await mkdtemp(join(tmpdir(), 'kiroku-saga-list-'));
  const config = join(directory, 'kiroku.config.mjs');
  const application = `{ name: 'test', aggregates: [], projections: [], processManagers: [] }`;
  await writeFile(config, `export default { name: 'test', application: ${application}, services: [] };`);
  for (const name of ['EVENT_STORE_DATABASE_URL', 'COMMAND_DATABASE_URL', 'QUERY_DATABASE_URL']) vi.stubEnv(name, database.serviceUrl);
  return {
    list: (...args: readonly string[]) => printedBy(['node', 'kiroku', '--config', config, 'saga', 'list', ...args]),
    async [Symbol.asyncDispose]() {
      vi.unstubAllEnvs();
      await rm(directory, { recursive: true });
      await database[Symbol.asyncDispose]();
    },
  };
}
