import { counting, foldOneByOne, ledger } from '@kiroku/testing';
import { expect, test, vi } from 'vitest';
import { processManagers } from './checks/process-managers.ts';
import { readModels } from './checks/read-models.ts';
import { openPatient } from './open-patient.ts';
import { aPatient } from './patient.test-service.ts';

const histories = ['process-managers', 'read-models'];
const waiting = { timeout: 60_000, interval: 50 };

test('after a restore of everything to one moment, services wait, the doctor says that the history is theirs, and they go on', async () => {
  await using given = await aPatient();
  await given.deposit(5);
  await atWork(given, async (services) => {
    await services.count('a', 2);
    await level(given, services);
  });
  const { afterPosition } = await given.restore(100);
  await atWork(given, async (services) => {
    expect(services.worker.status()).toMatchObject({ error: { code: 'LogMismatch' } });
    expect([...services.worker.status().mismatched.keys()]).toEqual([ledger.name]);
    expect(await services.runner.status()).toMatchObject({ state: 'stalled', error: { code: 'LogMismatch' } });
    await given.deposit(2);

    expect(await given.examine({ only: histories })).toMatchObject([
      { found: 'ProcessManagerOfEarlierTimeline: process manager counting', outcome: 'found' },
      { found: 'ReadModelOfEarlierTimeline: read model contract-ledger, version 1, build 1', outcome: 'found' },
    ]);
    expect((await given.examine({ only: histories, fix: true })).map(({ outcome }) => outcome)).toEqual(['fixed', 'fixed']);
    expect(await given.examine({ only: histories })).toEqual([]);
    await services.count('b', 1);
    await level(given, services);
    expect(services.worker.status().mismatched.size).toBe(0);
  });
  expect(afterPosition).toBe(8);
  expect(await rows(given)).toEqual(await folded(given));
  expect(await given.audit.actions({ verb: 'doctor', limit: 9 })).toMatchObject([
    { operator: 'ada', arguments: { code: 'ReadModelOfEarlierTimeline' }, outcome: { succeeded: true } },
    { operator: 'ada', arguments: { code: 'ProcessManagerOfEarlierTimeline' }, outcome: { succeeded: true } },
  ]);
});

test.each([processManagers, readModels])('positions are of the log, though it goes on while they are looked at: $name', async (check) => {
  await using given = await aPatient();
  await using services = await given.services();
  await given.deposit(1);
  await level(given, services);
  await using patient = openPatient(given.options);
  const inUse = {
    ...patient,
    log: async () => {
      const seen = await patient.log();
      await given.deposit(1);
      await level(given, services);
      return seen;
    },
  };
  expect(await check.find(inUse)).toEqual([]);
});

test('what was made with events that are gone is rebuilt, or set back and shown to an operator; also when the log has grown past it', async () => {
  await using given = await aPatient();
  await given.deposit(5);
  await atWork(given, async (services) => {
    await services.count('kept', 1);
    await level(given, services);
    await given.deposit(3); // 8 to 10, which will be lost
    await services.count('lost', 2);
    await level(given, services);
  });
  await given.restore(7);
  await given.deposit(20); // past where they were

  const found = await given.examine({ only: histories });
  expect(found).toMatchObject([
    { found: 'ProcessManagerOfLostHistory: process manager counting', what: expect.stringContaining('gone: lost.') },
    { found: 'ReadModelOfLostHistory: read model contract-ledger, version 1, build 1' },
  ]);
  expect((await given.examine({ only: histories, fix: true })).map(({ outcome }) => outcome)).toEqual(['fixed', 'fixed']);
  expect(await given.examine({ only: histories })).toEqual([]);
  await atWork(given, async (services) => {
    await services.count('new', 1);
    await level(given, services);
  });
  expect(await rows(given)).toEqual(await folded(given));
  const sagas = `select instance, status, failure from kiroku.process_instances where process_manager = '${counting.name}' order by instance`;
  expect(await given.sql('command_db', sagas)).toMatchObject([
    { instance: 'kept', status: 'done' },
    { instance: 'lost', status: 'failed', failure: expect.stringContaining('restore') },
    { instance: 'new', status: 'done' },
  ]);
});

test('commands of a saga that has taken in what is gone are kept back, and its timers do not fire', async () => {
  await using given = await aPatient();
  await given.deposit(2);
  await atWork(given, (services) => level(given, services));
  await given.sql(
    'command_db',
    `with saga as (
       insert into kiroku.process_instances (process_manager, instance, state, status) values ('counting', 't', '{}', 'running')
     ), input as (
       insert into kiroku.process_history (process_manager, instance, kind, what, reference)
       values ('counting', 't', 'event', 'Started', gen_random_uuid()::text)
     ), timer as (
       insert into kiroku.process_timers (process_manager, instance, name, id, due_at, metadata)
       values ('counting', 't', 'late', gen_random_uuid(), now() - interval '1 hour', '{}')
     )
     insert into kiroku.outgoing_commands (id, process_manager, instance, type, data, metadata)
     values (gen_random_uuid(), 'counting', 't', 'Count', '{}', '{}')`,
  );
  await given.restore(2);
  expect(await given.examine({ only: ['process-managers'], fix: true })).toMatchObject([
    { code: 'ProcessManagerOfLostHistory', outcome: 'fixed' },
  ]);
  const left = `select due_at = 'infinity' as parked, (select count(*)::int from kiroku.process_timers) as timers from kiroku.outgoing_commands`;
  expect(await given.sql('command_db', left)).toEqual([{ parked: true, timers: 0 }]);
});

test('sagas that have taken in what is gone are found among thousands, also after those that have taken in nothing', async () => {
  await using given = await aPatient();
  await given.deposit(2);
  await atWork(given, (services) => level(given, services));
  await given.sql(
    'command_db',
    `with saga as (
       insert into kiroku.process_instances (process_manager, instance, state, status)
       select 'counting', 't' || n, '{}', 'running' from generate_series(1001, 5500) as n
     )
     insert into kiroku.process_history (process_manager, instance, kind, what, reference)
     select 'counting', 't' || n, 'event', 'Started', gen_random_uuid()::text from generate_series(1, 2) as event, generate_series(4001, 5500) as n`,
  );
  await given.restore(2);
  const [found] = await given.examine({ only: ['process-managers'] });
  expect(found?.what).toMatch(/t4001, t4002, .*t4010 and 1490 more\./);
});

test('databases of another log are told, and a process manager is left alone', async () => {
  await using given = await aPatient();
  await given.deposit(1);
  await atWork(given, (services) => level(given, services));
  await given.sql('event_store', 'update kiroku.log set id = gen_random_uuid()');
  expect(await given.examine({ only: ['process-managers'], fix: true })).toMatchObject([
    { found: 'ProcessManagerOfAnotherLog: process manager counting', outcome: 'found' },
  ]);
});

type Given = Awaited<ReturnType<typeof aPatient>>;
type Services = Awaited<ReturnType<Given['services']>>;

async function atWork(given: Given, work: (services: Services) => Promise<void>): Promise<void> {
  await using services = await given.services();
  await work(services);
}

/** Until projections and process managers have done all there is to do. */
async function level(given: Given, services: Services): Promise<void> {
  await vi.waitFor(async () => {
    const { position } = await given.log.head();
    expect([await services.position(ledger), await services.processed()]).toEqual([position, position]);
    const open = `select count(*)::int as open from kiroku.outgoing_commands where settled_at is null and due_at <> 'infinity'`;
    expect(await given.sql('command_db', open)).toEqual([{ open: 0 }]);
    expect((await given.log.head()).position).toBe(position); // what was sent meanwhile has led to nothing more
  }, waiting);
}

async function rows(given: Given): Promise<readonly unknown[]> {
  const [version] = await given.builds.versions();
  const build = version?.activeBuild ?? 0;
  return given.builds.readRows({ projection: ledger, build }, async (snapshot) => {
    const all: { readonly id?: unknown; readonly balance?: unknown }[] = [];
    for await (const page of snapshot.rows('account')) all.push(...page);
    return all.map(({ id, balance }) => [id, balance]).toSorted();
  });
}

async function folded(given: Given): Promise<readonly unknown[]> {
  const { events } = await given.log.readLog();
  const accounts = foldOneByOne(
    ledger,
    events.filter(({ type }) => type in { Deposited: 1 }),
  ).account as { id: string; balance: number }[]; // its rows
  return accounts.map(({ id, balance }) => [id, balance]).toSorted();
}
