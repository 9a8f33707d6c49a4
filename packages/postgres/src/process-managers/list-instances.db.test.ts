import { throwAwayDatabase } from '@kiroku/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migrate } from '../migrate/migrate.ts';
import { createPool, type Pool } from '../pool.ts';
import { countForPeople, findInstances, type InstanceFilter, listInstances, readProcessManagerStats } from './read-instances.ts';

// `late` has heard something since it ended, the parked command of `paid` was settled by an answer that came late, and a failed one has one, too
const fill = `
  insert into kiroku.process_managers (name, log_id, timeline) values ('booking', gen_random_uuid(), 1), ('billing', gen_random_uuid(), 1);
  insert into kiroku.process_instances (process_manager, instance, state, status, failure, started_at, updated_at, ended_at)
  select manager, instance, state::jsonb, status, case status when 'failed' then 'no' end, day + started::interval, day + updated::interval, day + ended::interval
  from (values
    ('booking', 'paid', '{"reason": ""}', 'running', '08:00', '10:00', null),
    ('booking', 'stuck', '{}', 'running', '09:00', '11:00', null),
    ('booking', 'late', '{"phase": "completed"}', 'done', '01:00', '14:00', '12:00'),
    ('booking', 'broken', '{}', 'failed', '02:00', '13:00', '13:00'),
    ('billing', 'stuck', '{}', 'running', '10:30', '10:30', null)
  ) as filled (manager, instance, state, status, started, updated, ended), (select timestamptz '2026-01-01T00:00Z' as day) as first;
  insert into kiroku.outgoing_commands (id, process_manager, instance, type, data, metadata, due_at, settled_at, outcome, last_error)
  select gen_random_uuid(), 'booking', instance, type, '{}', '{}', due::timestamptz, case when settled then now() end,
    case when settled then '{}'::jsonb end, error
  from (values
    ('paid', 'Answered', 'infinity', true, 'it was late'),
    ('paid', 'OnItsWay', 'now', false, null),
    ('stuck', 'First', 'infinity', false, 'no'),
    ('stuck', 'Second', 'infinity', false, 'nobody answers'),
    ('stuck', 'Settled', 'now', true, 'it was late'),
    ('broken', 'Failed', 'infinity', false, 'no')
  ) as sent (instance, type, due, settled, error);
  insert into kiroku.process_timers (process_manager, instance, name, id, due_at, metadata) values
    ('booking', 'stuck', 'second', gen_random_uuid(), '2026-01-03', '{}'), ('booking', 'stuck', 'first', gen_random_uuid(), '2026-01-02', '{}')`;

describe('of instances that run, are stuck and have ended', () => {
  let database: Awaited<ReturnType<typeof throwAwayDatabase>>;
  let pool: Pool;
  beforeAll(async () => {
    database = await throwAwayDatabase('command_db', migrate);
    const owner = new pg.Client({ connectionString: database.url });
    await owner.connect();
    await owner.query(fill);
    await owner.end();
    pool = createPool({ url: database.serviceUrl, applicationName: 'kiroku-tests', max: 1 });
  });
  afterAll(async () => {
    await pool.end();
    await database[Symbol.asyncDispose]();
  });

  const list = async (filter: Partial<InstanceFilter>) =>
    (await listInstances(pool, { limit: 9, ...filter })).map(({ processManager, id }) => `${processManager}/${id}`);

  test('those that moved last are listed first; one that has ended moved when it did', async () => {
    const all = ['booking/broken', 'booking/late', 'booking/stuck', 'billing/stuck', 'booking/paid'];
    expect(await list({})).toEqual(all);
    expect(await list({ limit: 3 })).toEqual(all.slice(0, 3));
    expect(await list({ processManager: 'booking', status: 'running', limit: 1 })).toEqual(['booking/stuck']);
  });

  test('a list goes on with what moved before its last, which is not told again', async () => {
    expect(await list({ before: { movedAt: '2026-01-01T12:00Z' } })).toEqual(['booking/stuck', 'billing/stuck', 'booking/paid']);
    expect(await list({ before: { movedAt: '2026-01-01T11:00Z' } })).toEqual(['billing/stuck', 'booking/paid']);
    expect(await list({ before: { movedAt: '2026-01-01T10:30Z' } })).toEqual(['booking/paid']);
  });

  test('those under way are those that are stuck and all others', async () => {
    expect(await list({ status: 'running' })).toEqual(['booking/stuck', 'billing/stuck', 'booking/paid']);
    expect(await list({ status: 'stuck' })).toEqual(['booking/stuck']);
    expect(await list({ status: 'failed' })).toEqual(['booking/broken']);
  });

  test('what failed last of what has no outcome is told while it runs', async () => {
    const told = await listInstances(pool, { processManager: 'booking', limit: 9 });
    expect(Object.fromEntries(told.map(({ id, lastError }) => [id, lastError]))).toEqual({
      broken: null,
      late: null,
      stuck: 'nobody answers',
      paid: null,
    });
  });

  test('a parked command is one that waits for somebody, neither on its way nor settled', async () => {
    const told = await listInstances(pool, { processManager: 'booking', limit: 9 });
    expect(Object.fromEntries(told.map(({ id, parked }) => [id, parked]))).toEqual({ broken: 1, late: 0, stuck: 2, paid: 0 });
  });

  test('a reason that is empty is none', async () => {
    const told = await listInstances(pool, { status: 'running', limit: 9 });
    expect(told.map(({ reason }) => reason)).toEqual([null, null, null]);
  });

  test('one is shown for each process manager, with its commands as they were sent and the next timer first', async () => {
    const shown = await findInstances(pool, { id: 'stuck' });
    expect(shown.map(({ processManager }) => processManager)).toEqual(['billing', 'booking']);
    expect(shown[1]?.commands.map(({ type }) => type)).toEqual(['First', 'Second']);
    expect(shown[1]?.timers.map(({ name }) => name)).toEqual(['first', 'second']);
  });

  test('counts are of instances, and stuck is only what is under way', async () => {
    const stats = await readProcessManagerStats(pool);
    expect(stats).toMatchObject([
      { processManager: 'billing', running: 1, stuck: 0 },
      { processManager: 'booking', started: 4, running: 2, completed: 1, failed: 1, stuck: 1 },
    ]);
    expect(Date.parse(stats[1]?.oldestRunning ?? '')).toBe(Date.parse('2026-01-01T08:00Z'));
    expect(await countForPeople(pool)).toEqual({ failed: 1, stuck: 1 });
  });
});
