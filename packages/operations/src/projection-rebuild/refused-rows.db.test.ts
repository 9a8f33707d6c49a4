import { createHash } from 'node:crypto';
import { defineProjection } from '@kiroku/core';
import { ledger, ledgerEvents } from '@kiroku/testing';
import { describe, expect, test } from 'vitest';
import { deposits, type LedgerWorld, ledgerWorld } from './ledger-world.test-service.ts';
import { rebuildJob } from './rebuild-job.ts';

/** One row for each account, which the row of `a-3` cannot be stored of. */
function notes(noteOf: (account: string) => string, seenAt: (account: string) => string = () => '2026-11-24T10:00:00Z') {
  return defineProjection({
    name: 'notes',
    version: 1,
    events: ledgerEvents,
    tables: {
      note: {
        columns: { id: 'text key', note: 'text', seen_at: 'timestamp' },
        indexes: [['note']],
        on: {
          Deposited: {
            keys: ({ data }) => ({ id: data.account }),
            fold: (_, { data: { account: id } }) => ({ id, note: noteOf(id), seen_at: seenAt(id) }),
          },
        },
      },
    },
  });
}

describe('a rebuild', () => {
  test.each([
    ['that no index can hold', notes((id) => (id === 'a-3' ? incompressible(6_000) : id))],
    [
      'with a value that PostgreSQL refuses',
      notes(
        (id) => id,
        (id) => `${id === 'a-3' ? '0000' : '2026'}-11-24T10:00:00Z`,
      ),
    ],
  ])('names the row %s, and leaves what is read as it is', async (_, projection) => {
    await using world = await ledgerWorld(projection);
    await world.append(deposits(10, 5));
    await world.follow();
    const before = await world.rows(1);
    await expect(world.run(rebuildJob(world.open), { projections: [{ name: 'notes', version: 1 }] })).rejects.toMatchObject({
      code: 'RowInvalid',
      details: { table: 'note', keyText: 'a-3' },
      message: expect.stringContaining('kiroku job cancel'),
    });
    expect(before).toHaveLength(4); // the key is parked
    expect(await world.rows(1)).toEqual(before);
    expect(await world.stores.builds.versions()).toMatchObject([{ activeBuild: 1 }]);
  });

  test('for which there is no room on the disk fails, leaves what is read as it is, and goes on once there is', async () => {
    await using world = await ledgerWorld();
    await world.append(deposits(100, 10));
    await world.follow();
    await fillDisk(world);
    const projections = [{ name: ledger.name, version: ledger.version }];
    const claim = { owner: 'tests', leaseMs: 10_000 };
    const id = crypto.randomUUID();
    const job = await world.stores.jobs.create({ id, verb: 'projection rebuild', arguments: { projections }, createdBy: 'bob' }, claim);
    await expect(world.run(rebuildJob(world.open), { projections }, { job })).rejects.toMatchObject({
      code: 'RebuildHeldUp',
      message: expect.stringContaining('disk'),
    });
    expect(await world.stores.builds.versions()).toMatchObject([{ activeBuild: 1, builds: [{}, { state: 'building' }] }]);
    await world.sql('delete from disk_of_test.is_full');
    await world.stores.jobs.resume(id);
    const resumed = await world.stores.jobs.claim({ ...claim, id, verbs: [job.verb], provides: [] });
    expect((await world.run(rebuildJob(world.open), { projections }, resumed && { job: resumed })).projections).toMatchObject([
      { build: 2, switched: true },
    ]);
    expect(await world.rows(2)).toEqual(await world.rows(1));
  });
});

/** Rows of build 2 find no room until `disk_of_test.is_full` is empty. */
async function fillDisk(world: LedgerWorld): Promise<void> {
  for (const text of [
    'create schema disk_of_test',
    'create table disk_of_test.is_full as select 1',
    `create function disk_of_test.extend() returns trigger language plpgsql security definer as $$ begin
       if exists (select from disk_of_test.is_full) then raise 'could not extend file: No space left on device' using errcode = '53100'; end if;
       return new; end $$`,
    `create function disk_of_test.watch() returns event_trigger language plpgsql as $$ declare made record; begin
       for made in select * from pg_event_trigger_ddl_commands() where object_identity = 'contract_ledger_v1_b2.account' loop
         create trigger extend before insert on contract_ledger_v1_b2.account for each row execute function disk_of_test.extend();
       end loop; end $$`,
    'grant usage on schema disk_of_test to public',
    "create event trigger watch on ddl_command_end when tag in ('CREATE TABLE') execute function disk_of_test.watch()",
  ])
    await world.sql(text);
}

/** Text that PostgreSQL cannot make shorter. */
function incompressible(length: number): string {
  let text = '';
  for (let part = 0; text.length < length; part++) text += createHash('sha256').update(String(part)).digest('base64');
  return text.slice(0, length);
}
