import { throwAwayDatabase } from '@kiroku/testing';
import { describe, expect, test } from 'vitest';
import { about, changed } from '../background-work/stored-work.test-service.ts';
import { migrate } from '../migrate/migrate.ts';
import { createPool } from '../pool.ts';
import { PostgresFigures } from './postgres-figures.ts';
import { PostgresReadModelFigures } from './postgres-read-model-figures.ts';
import { PostgresWorkFigures } from './postgres-work-figures.ts';

const applicationName = 'kiroku-tests';
const logId = '0199f0a0-0000-7000-8000-000000000001';

async function filled(kind: 'command_db' | 'query_db', ...fill: readonly string[]) {
  const database = await throwAwayDatabase(kind, migrate);
  const change = (sql: string) => changed(database.url, sql);
  await change(fill.join(';'));
  const pool = createPool({ url: database.serviceUrl, applicationName });
  return {
    pool,
    change,
    url: database.serviceUrl,
    async [Symbol.asyncDispose]() {
      await pool.end();
      await database[Symbol.asyncDispose]();
    },
  };
}

const consumer = (name: string, { timeline = 1, paused = false } = {}) => `
  insert into kiroku.consumers (id, name, url, reveal, timeout_ms, concurrency, max_attempts, max_age_seconds, secret, log_id, timeline, created_by,
    paused_at, paused_reason)
  values (md5('${name}')::uuid, '${name}', 'http://127.0.0.1:9/', false, 1000, 1, 1, 1, '{}', '${logId}', ${timeline}, 'ada',
    ${paused ? `now(), 'by hand'` : 'null, null'})`;

describe('what is told of one', () => {
  test('consumer is nothing of another, and how far it is only of one that is not paused', async () => {
    const message = (name: string, position: number, state: string) => `
      insert into kiroku.consumer_messages (consumer, position, event_id, event_type, stream, state, due_at)
      values (md5('${name}')::uuid, ${position}, gen_random_uuid(), 'Moved', 'a-1', '${state}', 'infinity')`;
    const states = ['waiting', 'queued', 'queued', 'dead', 'dead', 'dead'];
    await using given = await filled(
      'command_db',
      consumer('crm'),
      consumer('erp'),
      consumer('old', { paused: true }),
      ...states.map((state, index) => message('crm', index + 1, state)),
      message('old', 1, 'dead'),
      `insert into kiroku.consumer_advances (consumer, position) values (md5('crm')::uuid, 3), (md5('crm')::uuid, 5), (md5('old')::uuid, 9)`,
    );
    const figures = new PostgresWorkFigures(given.pool);
    expect((await figures.waiting([])).consumers).toEqual([
      { name: 'crm', waiting: 1, queued: 2, dead: 3 },
      { name: 'erp', waiting: 0, queued: 0, dead: 0 },
      { name: 'old', waiting: 0, queued: 0, dead: 1 },
    ]);
    expect(await figures.positions([])).toEqual([
      { kind: 'consumer', name: 'crm', position: 5 },
      { kind: 'consumer', name: 'erp', position: 0 },
    ]);
  });

  test('process manager is nothing of another, and settled commands wait for nobody', async () => {
    const command = (manager: string, instance: string, due: string, more = `now() - interval '1 minute', null, null`) => `
      insert into kiroku.outgoing_commands (id, process_manager, instance, type, data, metadata, due_at, created_at, settled_at, outcome)
      values (gen_random_uuid(), '${manager}', '${instance}', 'Pay', '{}', '{}', '${due}', ${more})`;
    const settled = `now() - interval '1 hour', now(), '{}'`;
    await using given = await filled(
      'command_db',
      ...['billing', 'booking'].map(
        (name) => `insert into kiroku.process_managers (name, log_id, timeline) values ('${name}', '${logId}', 1)`,
      ),
      `insert into kiroku.process_instances (process_manager, instance, state, status) values
        ('billing', 'a', '{}', 'running'), ('booking', 'a', '{}', 'running'), ('booking', 'b', '{}', 'running')`,
      command('booking', 'a', 'infinity'),
      command('booking', 'a', 'infinity'),
      command('booking', 'b', 'infinity', settled),
      command('billing', 'a', 'now', settled),
      command('billing', 'a', 'now'),
      command('billing', 'a', 'now', 'now(), null, null'),
      `insert into kiroku.process_timers (process_manager, instance, name, id, due_at, metadata)
        select 'booking', 'a', n::text, gen_random_uuid(), now() - n * interval '1 minute', '{}' from generate_series(1, 3) as n`,
    );
    const { sagas, outgoing, timers } = await new PostgresWorkFigures(given.pool).waiting(['billing', 'booking']);
    expect(sagas).toEqual([
      { name: 'billing', open: 1, stuck: 0 },
      { name: 'booking', open: 2, stuck: 1 },
    ]);
    expect(outgoing).toEqual({ waiting: 2, parked: 2, oldestSeconds: about(60) });
    expect(timers).toEqual([
      { name: 'billing', waiting: 0, overdue: 0, overdueSeconds: 0 },
      { name: 'booking', waiting: 3, overdue: 3, overdueSeconds: about(180) },
    ]);
  });
});

// version 2 is read in build 3, after build 2; 1 is retired, 4 is being built, and 5 is complete and in nobody's way
const builds = [
  `insert into kiroku.projections (name, active_version) values ('orders', 2)`,
  `insert into kiroku.projection_versions (projection, version, active_build, previous_build) values ('orders', 1, 1, null), ('orders', 2, 3, 2)`,
  `insert into kiroku.projection_builds (projection, version, build, state) values ('orders', 1, 1, 'ready'), ('orders', 1, 7, 'ready'),
    ('orders', 2, 1, 'retired'), ('orders', 2, 2, 'ready'), ('orders', 2, 3, 'ready'), ('orders', 2, 4, 'building'), ('orders', 2, 5, 'ready')`,
  `insert into kiroku.projection_instances (instance, projection, version, alive_until) values ('one', 'orders', 2, now() + interval '1 hour')`,
  `insert into kiroku.projection_partitions (projection, version, build, partition, log_id, timeline, owner)
    select 'orders', version, build, partition, '${logId}', 1, 'one'
    from (values (1, 1, 0), (2, 2, 0), (2, 3, 0), (2, 3, 1), (2, 4, 0)) as part (version, build, partition)`,
  `insert into kiroku.advances (projection, version, build, partition, position)
    values ('orders', 1, 1, 0, 1), ('orders', 2, 2, 0, 2), ('orders', 2, 3, 0, 8), ('orders', 2, 3, 1, 6), ('orders', 2, 4, 0, 3)`,
  `insert into kiroku.parked_keys (projection, version, build, table_name, key_text, partition, position, event_type, error_code, error_message)
    select 'orders', version, build, 'orders', key, 0, 1, 'Moved', 'Internal', 'no'
    from (values (1, 1, 'a'), (1, 3, 'a'), (2, 2, 'a'), (2, 3, 'a'), (2, 3, 'b')) as parked (version, build, key)`,
];

describe('of a projection', () => {
  test('the build that is read is told, its slowest partition, and builds that are neither read nor led back to', async () => {
    await using given = await filled('query_db', ...builds);
    const figures = new PostgresReadModelFigures(given.pool);
    const state = async () => (await figures.read([{ name: 'orders', version: 2 }]))[0];
    expect(await state()).toEqual({ name: 'orders', state: 'following', position: 6, parkedKeys: 2, spareBuilds: 1 });
    await given.change(`update kiroku.projection_partitions set owner = null where build = 3 and partition = 1`);
    expect(await state()).toMatchObject({ state: 'orphaned' });
    await given.change(
      `update kiroku.projection_partitions set stalled_reason = 'no', stalled_since = now() where build = 3 and partition = 1`,
    );
    expect(await state()).toMatchObject({ state: 'stalled' });
  });

  test('a follower of another log or timeline is counted once, if it is read, and consumers are, paused or not', async () => {
    await using rows = await filled('query_db', ...builds);
    await using work = await filled(
      'command_db',
      consumer('crm'),
      consumer('erp', { timeline: 2 }),
      consumer('old', { timeline: 2, paused: true }),
    );
    await using log = await throwAwayDatabase('event_store', migrate);
    await changed(log.url, `update kiroku.log set id = '${logId}'`);
    const urls = { event_store: log.serviceUrl, command_db: work.url, query_db: rows.url };
    await using figures = new PostgresFigures({ urls, applicationName });
    expect(await figures.safety.otherHistories()).toEqual({ processManagers: 0, consumers: 2, readModels: 0 });
    // of another projection and of another version, builds of these numbers are read
    await rows.change(`
      insert into kiroku.projections (name, active_version) values ('stock', 2);
      insert into kiroku.projection_versions (projection, version, active_build) values ('stock', 2, 4);
      insert into kiroku.projection_partitions (projection, version, build, partition, log_id, timeline) values ('orders', 2, 1, 0, '${logId}', 2)`);
    await rows.change(`update kiroku.projection_partitions set timeline = 2 where build in (2, 4)`);
    expect(await figures.safety.otherHistories()).toMatchObject({ readModels: 0 });
    await rows.change(`update kiroku.projection_partitions set timeline = 2 where version = 2 and build = 3`);
    expect(await figures.safety.otherHistories()).toMatchObject({ readModels: 1 });
    await rows.change(`update kiroku.projection_partitions set timeline = 1, log_id = gen_random_uuid() where version = 2 and build = 3`);
    await work.change(`update kiroku.consumers set log_id = gen_random_uuid() where name = 'crm'`);
    expect(await figures.safety.otherHistories()).toMatchObject({ readModels: 1, consumers: 3 });
  });
});
