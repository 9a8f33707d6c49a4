import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPool, migrate, PostgresCommandAudit, PostgresEventStore, PostgresOperatorAudit } from '@kiroku/postgres';
import { sampleCommand, throwAwayDatabase } from '@kiroku/testing';
import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { printedBy } from '../printed-by.test-service.ts';

let given: Awaited<ReturnType<typeof installation>>;
beforeAll(async () => {
  given = await installation();
});
afterAll(() => given[Symbol.asyncDispose]());

test('`kiroku audit` shows commands and what operators changed in one table, latest first, and how far it looked', async () => {
  const { code, printed } = await given.kiroku('audit');
  expect(code).toBe(0);
  expect(printed).toMatch(
    /fault Internal[\s\S]*PlaceOrder order-1 .*rejected InsufficientStock[\s\S]*203\.0\.113\.9[\s\S]*accepted[\s\S]*migrate/,
  );
  expect(printed).toMatch(/5 events and entries looked through, back to /);
});

test.each([
  [['--user', 'eve'], ['eve']],
  [['--type', 'CancelOrder'], ['mallory']],
  [
    ['--stream', 'order-1'],
    ['eve', 'bob'],
  ],
  [['--outcome', 'accepted'], ['bob']],
  [['--outcome', 'done'], ['ada']],
  [['--correlation', 'r1'], ['bob']],
  [['--commands'], ['mallory', 'eve', 'bob']],
  [['--operators'], ['ada']],
  [['--verb', 'migrate'], ['ada']],
  [['--until', '1d'], []],
  [
    ['--since', '30d', '--limit', '2'],
    ['mallory', 'eve'],
  ],
])('`kiroku audit %s` shows only those', async (args, expected) => {
  const { printed } = await given.kiroku('audit', ...args, '--json');
  const entries = JSON.parse(printed.slice(0, printed.lastIndexOf(']') + 1)) as readonly { user?: string; operator?: string }[];
  expect(entries.map(({ user, operator }) => user ?? operator)).toEqual(expected);
});

test('a type that no command has is told, with the one that was probably meant', async () => {
  expect((await given.kiroku('audit', '--type', 'PlaceOder')).printed).toContain('Did you mean "PlaceOrder"?');
});

test('a listing goes on with the cursor that it ends with', async () => {
  const { printed } = await given.kiroku('audit', '--limit', '1');
  const cursor = /--cursor (\S+)/.exec(printed)?.[1] ?? '';
  const rest = await given.kiroku('audit', '--cursor', cursor, '--json');
  expect((JSON.parse(rest.printed) as unknown[]).length).toBe(3);
});

test.each([
  [['--outcome', 'fine'], 2, 'Allowed choices'],
  [['--commands', '--operators'], 2, 'cannot be used with'],
  [['--verb', 'x', '--commands'], 2, 'cannot be used with'],
  [['--cursor', 'x'], 1, 'no cursor'],
  [['--limit', '0'], 2, 'from 1 on'],
])('`kiroku audit %s` is refused with exit code %i', async (args, code, message) => {
  expect(await given.kiroku('audit', ...args)).toMatchObject({ code, printed: expect.stringContaining(message) });
});

test('while event_store is away the rest is shown, and what is missing, with exit code 3', async () => {
  const log = process.env.EVENT_STORE_DATABASE_URL ?? '';
  vi.stubEnv('EVENT_STORE_DATABASE_URL', 'postgres://127.0.0.1:1/event_store');
  const shown = await given.kiroku('audit');
  expect(shown.code).toBe(3);
  expect(shown.printed).toMatch(
    /mallory[\s\S]*eve[\s\S]*migrate[\s\S]*! Commands that left events could not be read\. event_store cannot be reached/,
  );
  const { code, printed } = await given.kiroku('audit', '--json');
  const entries = JSON.parse(printed.slice(0, printed.lastIndexOf(']') + 1)) as readonly { kind: string }[];
  expect([code, entries.map(({ kind }) => kind)]).toEqual([3, ['command', 'command', 'operator', 'missing']]);
  expect(entries.at(-1)).toMatchObject({ trail: 'accepted', reason: expect.stringContaining('event_store cannot be reached') });
  expect(await given.kiroku('audit', '--operators')).toMatchObject({ code: 0, printed: expect.stringContaining('migrate') });
  expect(await given.kiroku('audit', '--outcome', 'accepted')).toMatchObject({ code: 1 });
  vi.stubEnv('EVENT_STORE_DATABASE_URL', log);
});

test('`kiroku audit verify` finds nothing, and what was altered; against an exported head also what was cut', async () => {
  const exported = (await given.kiroku('audit', 'head', 'export')).printed;
  expect(
    exported
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).chain),
  ).toEqual(['commands', 'operators']);
  const file = join(given.root, 'heads');
  await writeFile(file, exported);
  const whole = await given.kiroku('audit', 'verify', '--against', file);
  expect(whole).toMatchObject({
    code: 0,
    printed: expect.stringMatching(/✓ The audit is whole: 2 entries of commands, 2 entries of operators/),
  });

  await given.tamper(`update kiroku.command_audit set actor = 'bob' where actor = 'eve'`);
  expect(await given.kiroku('audit', 'verify')).toMatchObject({ code: 1, printed: expect.stringContaining('commands: EntryChanged at 1') });
  await given.tamper(
    `update kiroku.command_audit set actor = 'eve' where sequence = 1; delete from kiroku.command_audit where sequence = 2`,
  );
  expect((await given.kiroku('audit', 'verify')).code).toBe(0);
  const cut = await given.kiroku('audit', 'verify', '--against', file, '--json');
  expect(cut.code).toBe(1);
  expect(JSON.parse(cut.printed).findings).toMatchObject([{ chain: 'commands', kind: 'TailCut', sequence: 2 }]);
});

/** A command with events, two without, and an action. */
async function installation() {
  const [log, commands] = await Promise.all([throwAwayDatabase('event_store', migrate), throwAwayDatabase('command_db', migrate)]);
  const root = await mkdtemp(join(tmpdir(), 'kiroku-cli-'));
  const config = join(root, 'kiroku.config.mjs');
  await writeFile(
    config,
    `export default { name: 'test', application: { name: 'test', aggregates: [{ name: 'order', events: {}, commands: { PlaceOrder: {}, CancelOrder: {} } }] }, services: [] };`,
  );
  vi.stubEnv('EVENT_STORE_DATABASE_URL', log.serviceUrl);
  vi.stubEnv('COMMAND_DATABASE_URL', commands.serviceUrl);
  vi.stubEnv('QUERY_DATABASE_URL', commands.serviceUrl);
  const pool = createPool({ url: commands.serviceUrl, applicationName: 'kiroku-tests' });
  const audit = new PostgresOperatorAudit({ pool });
  const id = '0193a5b0-7c1e-7000-8000-000000000001';
  await audit.begin({ id, operator: 'ada', verb: 'migrate', arguments: {}, correlationId: id });
  await audit.end(id, { succeeded: true });
  const store = new PostgresEventStore({ url: log.serviceUrl });
  const metadata = { commandId: 'c1', commandType: 'PlaceOrder', actor: 'bob', sourceAddress: '203.0.113.9', correlationId: 'r1' };
  await store.append({ streams: [{ stream: 'order-1', expectedVersion: 'any', events: [{ type: 'Placed', data: {}, metadata }] }] });
  await store.stop();
  await new PostgresCommandAudit({ pool }).record([
    sampleCommand({ user: 'eve', code: 'InsufficientStock' }),
    sampleCommand({ user: 'mallory', type: 'CancelOrder', stream: 'order-2', outcome: 'fault', code: 'Internal' }),
  ]);
  await pool.end();
  return {
    root,
    tamper: async (sql: string) => {
      const superuser = new pg.Client({ connectionString: commands.url });
      await superuser.connect();
      await superuser.query(sql);
      await superuser.end();
    },
    kiroku: (...args: string[]) => printedBy(['node', 'kiroku', '--config', config, ...args]),
    async [Symbol.asyncDispose]() {
      vi.unstubAllEnvs();
      await rm(root, { recursive: true });
      await Promise.all([log[Symbol.asyncDispose](), commands[Symbol.asyncDispose]()]);
    },
  };
}
