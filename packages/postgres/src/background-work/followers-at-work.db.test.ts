import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { PostgresEventStore } from '../event-store/postgres-event-store.ts';
import { about, storedWork } from './stored-work.test-service.ts';

let stored: Awaited<ReturnType<typeof storedWork>>;

beforeAll(async () => {
  stored = await storedWork();
  await using log = new PostgresEventStore({ url: stored.urls.event_store });
  const events = [{ type: 'Placed', data: {} }];
  for (let count = 0; count < 3; count++) await log.append({ streams: [{ stream: 'order-1', expectedVersion: 'any', events }] });
});
afterAll(() => stored?.[Symbol.asyncDispose]());
beforeEach(() => stored.forget());

const ago = (seconds: number) => `clock_timestamp() - ${seconds} * interval '1 second'`;
const lag = ({ position, events }: { readonly position: number; readonly events: number }) => [position, events];

describe('of a process manager', () => {
  const registered = (name: string) =>
    `insert into kiroku.process_managers (name, log_id, timeline) values ('${name}', gen_random_uuid(), 1);`;
  const partition = (n: number, at: number, movedAgo: number, lease?: number) => `
    insert into kiroku.process_partitions (process_manager, partition, owner, leased_until)
    values ('billing', ${n}, ${lease === undefined ? 'null, null' : `'a', clock_timestamp() + ${lease} * interval '1 second'`});
    insert into kiroku.advances (process_manager, partition, position, applied_at) values ('billing', ${n}, ${at}, ${ago(movedAgo)});`;

  test('the partition that is farthest behind is told, and when that one moved', async () => {
    await stored.change(
      registered('billing') + registered('other') + partition(0, 3, 1, 60) + partition(1, 1, 70, 60) + partition(2, 2, 5, 60),
    );
    const { processManagers } = await stored.work.look(['billing']);
    expect(processManagers).toMatchObject([{ name: 'billing', partitions: 3, unheld: 0, restedSeconds: about(70), seconds: about(0) }]);
    expect(processManagers.map(lag)).toEqual([[1, 2]]);
  });

  test('a lease that was given up is not one that has lapsed, and of several that have the first is told', async () => {
    await stored.change(
      registered('billing') + partition(0, 3, 1) + partition(1, 3, 1, -30) + partition(2, 3, 1, -90) + partition(3, 3, 1, 60),
    );
    const { processManagers } = await stored.work.look(['billing']);
    expect(processManagers).toMatchObject([{ partitions: 4, unheld: 3, lapsedSeconds: about(90) }]);
  });

  test('those attend who run this one, and are alive', async () => {
    await stored.change(registered('billing') + registered('other') + partition(0, 3, 1));
    await stored.change(`insert into kiroku.process_attendance (process_manager, instance, alive_until) values
      ('billing', 'a', ${ago(-60)}), ('billing', 'b', ${ago(-60)}), ('billing', 'gone', ${ago(1)}), ('other', 'c', ${ago(-60)})`);
    expect((await stored.work.look(['billing'])).processManagers).toMatchObject([{ attending: 2 }]);
  });

  test('an overdue timer of another is none of its own, and the first is told', async () => {
    await stored.change(`${registered('billing')}${partition(0, 3, 1, 60)}
      insert into kiroku.process_timers (process_manager, instance, name, id, due_at, metadata) values
        ('other', 'i', 'a', gen_random_uuid(), ${ago(600)}, '{}'), ('billing', 'i', 'b', gen_random_uuid(), ${ago(60)}, '{}'),
        ('billing', 'i', 'c', gen_random_uuid(), ${ago(1)}, '{}')`);
    expect((await stored.work.look(['billing'])).processManagers).toMatchObject([{ timerOverdueSeconds: about(60) }]);
  });
});

describe('of a consumer', () => {
  const consumer = (name: string, { createdAgo = 300, lease = 60, paused = false } = {}) => `
    insert into kiroku.consumers (id, name, url, reveal, timeout_ms, concurrency, max_attempts, max_age_seconds, secret, log_id, timeline,
      created_by, created_at, owner, leased_until, paused_at, paused_reason)
    values (md5('${name}')::uuid, '${name}', 'http://127.0.0.1:9/', false, 7000, 1, 1, 1, '{}', gen_random_uuid(), 1, 'ada', ${ago(createdAgo)},
      'a', ${ago(-lease)}, ${paused ? `now(), 'by hand'` : 'null, null'});`;
  const moved = (name: string, position: number, movedAgo: number) =>
    `insert into kiroku.consumer_advances (consumer, position, moved_at) values (md5('${name}')::uuid, ${position}, ${ago(movedAgo)});`;
  const message = (name: string, position: number, state: string, dueAgo: number) => `
    insert into kiroku.consumer_messages (consumer, position, event_id, event_type, stream, state, due_at)
    values (md5('${name}')::uuid, ${position}, gen_random_uuid(), 'Placed', 'order-1', '${state}', ${ago(dueAgo)});`;
  const consumers = async () => (await stored.work.look([])).consumers;

  test('it is told how far it is and when it moved last; of one that never has, since when it is there', async () => {
    await stored.change(consumer('erp') + consumer('crm') + moved('crm', 1, 200) + moved('crm', 2, 100));
    expect(await consumers()).toMatchObject([
      { name: 'crm', timeoutMs: 7_000, held: true, restedSeconds: about(100) },
      { name: 'erp', restedSeconds: about(300) },
    ]);
    expect((await consumers()).map(lag)).toEqual([
      [2, 1],
      [0, 3],
    ]);
  });

  test('one that is paused is not told', async () => {
    await stored.change(consumer('crm', { paused: true }) + consumer('erp'));
    expect((await consumers()).map(({ name }) => name)).toEqual(['erp']);
  });

  test('a lease that is held has not lapsed', async () => {
    await stored.change(consumer('crm') + consumer('erp', { lease: -40 }));
    const told = await consumers();
    expect(told.map(({ held, lapsedSeconds }) => [held, lapsedSeconds])).toEqual([
      [true, undefined],
      [false, about(40)],
    ]);
  });

  test('the first of its messages that are due is late, not one that is dead, queued or due later', async () => {
    await stored.change(consumer('crm') + consumer('erp') + message('erp', 1, 'waiting', 500) + message('crm', 1, 'dead', 90));
    await stored.change(message('crm', 2, 'queued', 90) + message('crm', 3, 'waiting', -90));
    const overdue = async () => (await consumers()).map(({ overdueSeconds }) => overdueSeconds);
    expect(await overdue()).toEqual([undefined, about(500)]);
    await stored.change(message('crm', 4, 'waiting', 30) + message('crm', 5, 'waiting', 60) + message('crm', 6, 'waiting', 1));
    expect(await overdue()).toEqual([about(60), about(500)]);
  });

  test('what fails longest and what died last are told, with why', async () => {
    const failed = (position: number, state: string, error: string, since: number, dueIn: number) => `
      insert into kiroku.consumer_messages (consumer, position, event_id, event_type, stream, state, due_at, error, attempts, first_failed_at, failed_at)
      values (md5('crm')::uuid, ${position}, gen_random_uuid(), 'Placed', 'order-${position}', '${state}',
        ${state === 'dead' ? `'infinity'` : ago(-dueIn)}, '${error}', 3, ${ago(since)}, ${ago(since / 2)});`;
    await stored.change(consumer('crm') + consumer('erp') + message('erp', 1, 'waiting', 1));
    await stored.change(failed(1, 'waiting', 'It answered 503.', 20, 10) + failed(2, 'waiting', 'It answered 500.', 600, 300));
    await stored.change(failed(3, 'dead', 'It answered 404.', 900, 0) + failed(4, 'dead', 'It answered 400.', 80, 0));
    const [crm, erp] = await consumers();
    expect(crm).toMatchObject({
      failingError: 'It answered 500.',
      failingSeconds: about(600),
      deadError: 'It answered 400.',
      deadSeconds: about(40),
    });
    expect(Object.keys(erp ?? {})).not.toContain('failingError');
  });

  test('a fault that keeps it from delivering anything is told before messages, of its present owner only', async () => {
    await stored.change(`${consumer('crm')}update kiroku.consumers set fault_epoch = epoch, fault_code = 'KeyMissing', fault_error = 'No key.',
      fault_since = ${ago(70)}`);
    expect(await consumers()).toMatchObject([{ failingError: 'KeyMissing: No key.', failingSeconds: about(70) }]);
    await stored.change('update kiroku.consumers set epoch = epoch + 1');
    expect(Object.keys((await consumers())[0] ?? {})).not.toContain('failingError');
  });

  test('those attend who are alive', async () => {
    await stored.change(`${consumer('crm')}insert into kiroku.consumer_attendance (instance, alive_until) values
      ('a', ${ago(-60)}), ('b', ${ago(-60)}), ('gone', ${ago(1)})`);
    expect(await consumers()).toMatchObject([{ attending: 2 }]);
  });
});

test('whoever is at the end of the log, or was beyond it before a restore, is not behind; one before the end is, by that event', async () => {
  const follower = (
    name: string,
    position: number,
  ) => `insert into kiroku.process_managers (name, log_id, timeline) values ('${name}', gen_random_uuid(), 1);
    insert into kiroku.process_partitions (process_manager, partition) values ('${name}', 0);
    insert into kiroku.advances (process_manager, partition, position) values ('${name}', 0, ${position});`;
  await stored.change(follower('level', 3) + follower('beyond', 9) + follower('near', 2));
  const near = (await stored.work.look(['near'])).processManagers;
  expect(near).toEqual([expect.objectContaining({ events: 1, seconds: expect.toSatisfy((seconds: number) => seconds > 0) })]);
  const { processManagers } = await stored.work.look(['level', 'beyond']);
  expect(processManagers.map(({ events, seconds }) => [events, seconds])).toEqual([
    [0, 0],
    [0, 0],
  ]);
});
