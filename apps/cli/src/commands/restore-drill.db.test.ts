import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRepository } from '@kiroku/backup';
import { createPool, migrate, PostgresEventStore, PostgresFigures, PostgresSafetyReports } from '@kiroku/postgres';
import { sampleManifest, throwAwayDatabase } from '@kiroku/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { printedBy } from '../printed-by.test-service.ts';

let given: Awaited<ReturnType<typeof installation>>;
beforeEach(async () => {
  given = await installation();
});
afterEach(() => given[Symbol.asyncDispose]());

test('where no backup was ever made, a drill ends with an error, and has not failed', async () => {
  expect(await given.drill()).toMatchObject({
    code: 1,
    printed: expect.stringMatching(/none was ever made[\s\S]*says nothing about the backups/),
  });
  expect(await given.ages()).toMatchObject([{ kind: 'drill', lastWentWell: null }]);
  expect(await given.audited()).toMatch(/restore drill [\s\S]*It could not be tried: There is no backup/);
});

test('without the rights to restore it ends with an error, and has not failed', async () => {
  await given.backUp();
  expect(await given.drill('--json')).toMatchObject({ code: 1, report: { tried: false, faults: [expect.stringContaining('superuser')] } });
  expect(await given.ages()).toMatchObject([{ kind: 'drill', lastWentWell: null, goodSeconds: expect.any(Number) }]);
});

test('backups that were made and are gone are a drill that has failed, and the audit says so', async () => {
  await given.remember();
  expect(await given.drill('--json')).toMatchObject({ code: 1, report: { tried: true, faults: [expect.stringContaining('is gone')] } });
  expect(await given.ages()).toContainEqual(expect.objectContaining({ kind: 'drill', lastWentWell: false }));
  expect(await given.audited()).toMatch(/restore drill [\s\S]*It failed: There is no backup/);
});

async function installation() {
  const [log, commands, queries] = await Promise.all([
    throwAwayDatabase('event_store', migrate),
    throwAwayDatabase('command_db', migrate),
    throwAwayDatabase('query_db', migrate),
  ]);
  const root = await mkdtemp(join(tmpdir(), 'kiroku-cli-'));
  const [config, place] = [join(root, 'kiroku.config.mjs'), join(root, 'backups')];
  await writeFile(config, `export default { name: 'test', application: { name: 'test', aggregates: [], projections: [] }, services: [] };`);
  const urls = { event_store: log.serviceUrl, command_db: commands.serviceUrl, query_db: queries.serviceUrl };
  vi.stubEnv('EVENT_STORE_DATABASE_URL', urls.event_store);
  vi.stubEnv('COMMAND_DATABASE_URL', urls.command_db);
  vi.stubEnv('QUERY_DATABASE_URL', urls.query_db);
  vi.stubEnv('BACKUP_URL', place);
  vi.stubEnv('KIROKU_DATA_DIR', join(root, 'data'));
  const kiroku = (...args: string[]) => printedBy(['node', 'kiroku', '--config', config, ...args]);
  return {
    async drill(...args: string[]) {
      const { code, printed } = await kiroku('restore', 'drill', ...args);
      return args.includes('--json') ? { code, report: JSON.parse(printed.slice(printed.indexOf('{'))) as object } : { code, printed };
    },
    audited: async () => (await kiroku('audit', '--operators')).printed,
    async ages() {
      await using figures = new PostgresFigures({ urls, applicationName: 'test' });
      return await figures.safety.ages();
    },
    /** A backup by pg_dump, as far as a drill without rights gets. */
    async backUp() {
      await using store = new PostgresEventStore({ url: urls.event_store });
      const { log: id } = await store.head();
      const writer = await (await openRepository({ place })).begin('20260101T020000Z-0001');
      await writer.finish({
        ...sampleManifest(),
        method: 'pg_dump',
        head: { log: id.id, timeline: id.timeline, position: 0, hash: '0'.repeat(64) },
      });
    },
    /** That one was made, as `backup create` notes it. */
    async remember() {
      const pool = createPool({ url: urls.command_db, applicationName: 'test', max: 1 });
      await new PostgresSafetyReports({ pool }).record({ kind: 'backup', id: 'a', succeeded: true, report: {} });
      await pool.end();
    },
    async [Symbol.asyncDispose]() {
      vi.unstubAllEnvs();
      await rm(root, { recursive: true });
      for (const database of [log, commands, queries]) await database[Symbol.asyncDispose]();
    },
  };
}
