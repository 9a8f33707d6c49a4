import type { Row } from '@kiroku/core';
import { foldOneByOne, ledger, ledgerMoves } from '@kiroku/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deposits, ledgerWorld } from './ledger-world.test-service.ts';
import { rebuildJob } from './rebuild-job.ts';

const wanted = { projections: [{ name: ledger.name, version: ledger.version }] };

describe('a rebuild from an event on', () => {
  test('equals a rebuild of the whole', async () => {
    await using world = await ledgerWorld({ ...ledger, partitions: 2 });
    await fc.assert(
      fc.asyncProperty(ledgerMoves, fc.nat(60), async (moves, back) => {
        const head = await world.append([...moves, ...deposits(1, 1)]);
        await world.follow();
        const fromEventNumber = Math.max(1, head - back);
        const report = await world.run(rebuildJob(world.open), { ...wanted, fromEventNumber });
        const build = report.projections[0]?.build ?? 0;
        const all = [];
        for (let after = 0; after < head; after += 1_000) all.push(...(await world.stores.events.readLog({ after })).events);
        for (const [table, rows] of Object.entries(foldOneByOne(ledger, all)))
          expect(await world.rows(build, table)).toEqual(inOrder(rows as Row[]));
      }),
      { numRuns: 8 },
    );
  });

  test('carries over what is not touched, right or wrong, and refolds what is', async () => {
    await using world = await ledgerWorld();
    await world.append([...deposits(10, 10), ...deposits(1, 1)]);
    await world.follow();
    await world.sql('update contract_ledger_v1.account set balance = 77 where id in ($1, $2)', ['a-0', 'a-5']);
    const report = await world.run(rebuildJob(world.open), { ...wanted, fromEventNumber: 11 });
    expect(report.projections).toMatchObject([{ build: 2, rows: 2, switched: true }]);
    const balances = Object.fromEntries((await world.rows(2)).map(({ id, balance }) => [id, balance]));
    expect(balances).toMatchObject({ 'a-0': 2, 'a-1': 1, 'a-5': 77 });
  });

  test('that the log does not have is refused, with the head', async () => {
    await using world = await ledgerWorld();
    await world.append(deposits(10, 2));
    await world.follow();
    await expect(world.run(rebuildJob(world.open), { ...wanted, fromEventNumber: 11 })).rejects.toMatchObject({
      code: 'BadRequest',
      message: expect.stringContaining('positions 1 to 10'),
    });
    expect(await world.stores.builds.versions()).toMatchObject([{ builds: [{ build: 1 }] }]);
  });
});

test('a rebuild from inconsistencies refolds exactly the keys that are wrong', async () => {
  await using world = await ledgerWorld();
  await world.append(deposits(20, 10));
  await world.follow();
  await world.sql('update contract_ledger_v1.account set balance = 77 where id = $1', ['a-5']);
  await world.sql('delete from contract_ledger_v1.account where id = $1', ['a-6']);
  await world.sql(
    "insert into contract_ledger_v1.account select 'extra', balance, blocked, opened_at, opened_on, last_note, entries from contract_ledger_v1.account where id = 'a-1'",
  );
  const report = await world.run(rebuildJob(world.open), { ...wanted, fromInconsistency: true });
  expect(report.projections).toMatchObject([{ build: 2, rows: 2, switched: true }]);
  expect((await world.rows(2)).map(({ id, balance }) => `${String(id)} ${String(balance)}`)).toEqual(
    Array.from({ length: 10 }, (_, n) => `a-${n} 2`),
  );
});

function inOrder(rows: readonly Row[]): readonly Row[] {
  return [...rows].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
