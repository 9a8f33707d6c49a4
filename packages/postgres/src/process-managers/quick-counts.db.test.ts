import { throwAwayDatabase } from '@kiroku/testing';
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PostgresWorkFigures } from '../figures/postgres-work-figures.ts';
import { migrate } from '../migrate/migrate.ts';
import { createPool, type Pool } from '../pool.ts';
import { rowsOf } from '../rows-of.ts';
import { countForPeople, readProcessManagerStats } from './read-instances.ts';

const managers = ['billing', 'booking'] as const;

// `known`: whether the writer has told how it ended; those of the release before do not
const instance = fc.record({
  manager: fc.constantFrom(...managers),
  status: fc.constantFrom('running', 'done', 'failed', 'gone'),
  phase: fc.constantFrom('compensated', 'completed', null),
  known: fc.boolean(),
  started: fc.integer({ min: 0, max: 50 }),
  commands: fc.array(fc.constantFrom('parked', 'waiting', 'settled', 'settled after it was parked'), { maxLength: 3 }),
  timers: fc.integer({ min: 0, max: 2 }),
});

type Instance = typeof instance extends fc.Arbitrary<infer Given> ? Given : never;

const fill = `
  with given as (
    select manager, instance, status, phase, known, timestamptz '2026-01-01' + started * interval '1 day' as started, commands, timers
    from json_to_recordset($1::json) as given (
      manager text, instance text, status text, phase text, known boolean, started integer, commands text[], timers integer
    )
  ),
  stored as (
    insert into kiroku.process_instances (process_manager, instance, state, status, failure, started_at, ended_at, compensated)
    select
      manager, instance, jsonb_build_object('phase', phase), status, case status when 'failed' then 'no' end, started,
      case when status <> 'running' then started end,
      case when status = 'done' and known then coalesce(phase = 'compensated', false) end
    from given where status <> 'gone'
  ),
  sent as (
    insert into kiroku.outgoing_commands (id, process_manager, instance, type, data, metadata, due_at, settled_at, outcome)
    select
      gen_random_uuid(), manager, instance, kind, '{}', '{}',
      case when kind in ('parked', 'settled after it was parked') then 'infinity' else now() end,
      case when kind like 'settled%' then now() end,
      case when kind like 'settled%' then '{}'::jsonb end
    from given cross join unnest(commands) as command (kind)
  )
  insert into kiroku.process_timers (process_manager, instance, name, id, due_at, metadata)
  select manager, instance, 'timer ' || number, gen_random_uuid(), now(), '{}' from given cross join generate_series(1, timers) as number`;

describe('what is counted by indexes is what the instances say', () => {
  let database: Awaited<ReturnType<typeof throwAwayDatabase>>;
  let owner: pg.Client;
  let pool: Pool;
  beforeAll(async () => {
    database = await throwAwayDatabase('command_db', migrate);
    owner = new pg.Client({ connectionString: database.url });
    await owner.connect();
    pool = createPool({ url: database.serviceUrl, applicationName: 'kiroku-tests', max: 1 });
  });
  afterAll(async () => {
    await Promise.all([pool.end(), owner.end()]);
    await database[Symbol.asyncDispose]();
  });

  test('in statistics, at a scrape, and of what has no instance', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(instance, { maxLength: 25 }), async (given) => {
        await owner.query('truncate kiroku.process_instances, kiroku.outgoing_commands, kiroku.process_timers');
        await owner.query(fill, [JSON.stringify(given.map((each, n) => ({ ...each, instance: `i-${n % 20}-${n}` })))]);
        expect(await readProcessManagerStats(pool)).toEqual(managers.flatMap((manager) => statsOf(manager, given)));
        const { sagas } = await new PostgresWorkFigures(pool).waiting(managers);
        expect(sagas).toEqual(
          managers.map((name) => ({ name, open: of(name, given).filter(isRunning).length, stuck: stuckOf(name, given) })),
        );
        expect(await countForPeople(pool)).toEqual({
          failed: given.filter(({ status }) => status === 'failed').length,
          stuck: given.filter(isStuck).length,
        });
        const orphans = await rowsOf<{ kind: string; instance: string; what: string }>(pool, 'doctor/list_orphans', [1_000]);
        expect(orphans.map(({ kind, instance, what }) => `${kind} ${instance} ${what}`).sort()).toEqual(orphansOf(given).sort());
      }),
      { numRuns: 60 },
    );
  });
});

function statsOf(manager: string, given: readonly Instance[]) {
  const stored = of(manager, given).filter(({ status }) => status !== 'gone');
  if (stored.length === 0) return [];
  const done = stored.filter(({ status }) => status === 'done');
  const compensated = done.filter(({ phase }) => phase === 'compensated').length;
  const running = stored.filter(isRunning);
  const oldest = Math.min(...running.map(({ started }) => started));
  return [
    {
      processManager: manager,
      started: stored.length,
      running: running.length,
      completed: done.length - compensated,
      compensated,
      failed: stored.filter(({ status }) => status === 'failed').length,
      stuck: stuckOf(manager, given),
      oldestRunning: running.length === 0 ? null : new Date(Date.UTC(2026, 0, 1 + oldest)).toISOString().replace('Z', '000Z'),
    },
  ];
}

function orphansOf(given: readonly Instance[]): string[] {
  return given.flatMap(({ status, commands, timers }, n) => {
    if (status !== 'gone') return [];
    const name = `i-${n % 20}-${n}`;
    const open = commands.filter((kind) => kind === 'parked' || kind === 'waiting').map((kind) => `command ${name} ${kind}`);
    return [...open, ...Array.from({ length: timers }, (_, timer) => `timer ${name} timer ${timer + 1}`)];
  });
}

function of(manager: string, given: readonly Instance[]): readonly Instance[] {
  return given.filter((each) => each.manager === manager);
}

function isRunning({ status }: Instance): boolean {
  return status === 'running';
}

function isStuck({ status, commands }: Instance): boolean {
  return status === 'running' && commands.includes('parked');
}

function stuckOf(manager: string, given: readonly Instance[]): number {
  return of(manager, given).filter(isStuck).length;
}
