import { throwAwayDatabase } from '@kiroku/testing';
import pg from 'pg';
import { expect, test } from 'vitest';
import { migrate } from '../migrate/migrate.ts';
import { createPool } from '../pool.ts';
import { type InstanceFilter, type ListedInstance, listInstances } from './read-instances.ts';

// two process managers with the same ids, a third under way, done and failed each, all moved at one of two moments
const fill = `
  insert into kiroku.process_managers (name, log_id, timeline) values ('booking', gen_random_uuid(), 1), ('billing', gen_random_uuid(), 1);
  insert into kiroku.process_instances (process_manager, instance, state, status, failure, updated_at, ended_at)
  select manager, 'trip-' || n, '{}', status, case status when 'failed' then 'no' end, at, case when status <> 'running' then at end
  from unnest(array['booking', 'billing']) as manager, generate_series(1, 12) as n,
    lateral (select (array['running', 'done', 'failed'])[n % 3 + 1] as status, timestamptz '2026-01-01T00:00:00.000001Z' + n % 2 * interval '1 s' as at) as given;
  insert into kiroku.outgoing_commands (id, process_manager, instance, type, data, metadata, due_at)
  select gen_random_uuid(), process_manager, instance, 'Pay', '{}', '{}', 'infinity' from kiroku.process_instances where status = 'running'`;

const filters: readonly Omit<InstanceFilter, 'limit'>[] = [
  {},
  { processManager: 'booking' },
  { status: 'running' },
  { status: 'stuck' },
  { status: 'done', processManager: 'billing' },
  { status: 'failed' },
];

test('pages of any size are the list, though many moved at the same moment', async () => {
  await using database = await throwAwayDatabase('command_db', migrate);
  const owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
  await owner.query(fill);
  await owner.end();
  await using pool = disposable(createPool({ url: database.serviceUrl, applicationName: 'kiroku-tests', max: 1 }));
  for (const filter of filters) {
    const whole = await listInstances(pool, { ...filter, limit: 99 });
    expect(whole.length).toBeGreaterThan(3);
    for (const limit of [1, 2, 5]) {
      const paged: ListedInstance[] = [];
      for (let page = await listInstances(pool, { ...filter, limit }); page.length > 0; ) {
        paged.push(...page);
        const last = paged.at(-1) as ListedInstance; // there is one
        const before = { movedAt: last.endedAt ?? last.updatedAt, processManager: last.processManager, id: last.id };
        page = await listInstances(pool, { ...filter, before, limit });
      }
      expect(paged).toEqual(whole);
    }
  }
});

function disposable<T extends { end(): Promise<void> }>(pool: T): T & AsyncDisposable {
  return Object.assign(pool, { [Symbol.asyncDispose]: () => pool.end() });
}
