import type { Projection } from '@kiroku/core';
import { ledger, ledgerMoves } from '@kiroku/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deposits, type LedgerWorld, ledgerWorld } from '../projection-rebuild/ledger-world.test-service.ts';
import { projectionVerifyJob } from './projection-verify-job.ts';

const wanted = { projections: [{ name: ledger.name, version: ledger.version }] };
const schema = 'contract_ledger_v1';

describe('a verification of a read model', () => {
  test('finds nothing in one that is what its events make of it, whatever they are', async () => {
    await using world = await ledgerWorld({ ...ledger, partitions: 2 });
    await fc.assert(
      fc.asyncProperty(ledgerMoves, async (moves) => {
        await world.append([...moves, ...deposits(1, 1)]);
        await world.follow();
        expect(await world.run(projectionVerifyJob(world.open), wanted)).toMatchObject({
          total: 0,
          projections: [{ findings: [], parked: 0 }],
        });
      }),
      { numRuns: 5 },
    );
  });

  test('names missing, extra and differing rows, with the fields', async () => {
    await using world = await drifted();
    const report = await world.run(projectionVerifyJob(world.open), wanted);
    expect(report).toMatchObject({ total: 3, projections: [{ build: 1, positions: [20], missing: 1, extra: 1, differing: 1 }] });
    const findings = report.projections[0]?.findings.toSorted((a, b) => (a.keyText < b.keyText ? -1 : 1));
    expect(findings).toMatchObject([
      { kind: 'differing', table: 'account', keyText: 'a-5', expected: { balance: 2 }, found: { balance: 77 } },
      { kind: 'missing', table: 'account', keyText: 'a-6', expected: { id: 'a-6', balance: 2 } },
      { kind: 'extra', table: 'account', keyText: 'extra', found: { id: 'extra' } },
    ]);
    expect(Object.keys(findings?.[0]?.expected ?? {})).toEqual(['balance']);
  });

  test('within little memory finds the same', async () => {
    await using world = await drifted(4_000);
    const report = await world.run(projectionVerifyJob(world.open), { ...wanted, memoryBytes: 500_000 });
    expect(report).toMatchObject({ total: 3, projections: [{ missing: 1, extra: 1, differing: 1, rows: 8_000 }] });
    expect(report.events).toBeGreaterThan(8_000 + 4_000); // more than one pass
  });

  test('judges rows at the position where they are, while they are changed', async () => {
    await using world = await ledgerWorld({ ...ledger, partitions: 3 });
    await world.append(deposits(500, 50));
    await world.follow();
    let done = false;
    const writing = (async () => {
      while (!done) await world.append(deposits(20, 50));
    })();
    for (let round = 0; round < 5; round++) expect(await world.run(projectionVerifyJob(world.open), wanted)).toMatchObject({ total: 0 });
    done = true;
    await writing;
  });

  test('that is incremental reads only what came since, and finds the same', async () => {
    await using world = await ledgerWorld({ ...ledger, partitions: 3 });
    await world.append(deposits(300, 30));
    await world.follow();
    const verify = () => world.run(projectionVerifyJob(world.open), { ...wanted, incremental: true });
    expect(await verify()).toMatchObject({ total: 0, events: 300 });
    await world.append(deposits(40, 50));
    await world.follow();
    expect(await verify()).toMatchObject({ total: 0, events: 40, projections: [{ rows: 80 }] });
    await world.sql(`update ${schema}.account set balance = 77 where id = 'a-5'`);
    for (let round = 0; round < 2; round++) expect(await verify()).toMatchObject({ total: 1, events: 0, projections: [{ differing: 1 }] });
  });

  test('reports parked keys as parked, and does not fix them', async () => {
    await using world = await ledgerWorld(failing());
    await world.append(deposits(20, 5));
    await world.follow();
    await world.sql(`update ${schema}.account set balance = 77 where id = 'a-1'`);
    const report = await world.run(projectionVerifyJob(world.open), { ...wanted, fix: true });
    expect(report).toMatchObject({ total: 0, projections: [{ parked: 1, parkedKeys: [{ table: 'account', keyText: 'a-1' }] }] });
    expect(await world.sql(`select balance from ${schema}.account where id = 'a-1'`)).toEqual([{ balance: 77 }]);
  });

  test.each([{}, { incremental: true }])(
    'finds rows that this code cannot fold, whoever has folded them or left them out: %j',
    async (mode) => {
      let fails = false;
      await using world = await ledgerWorld(failing(() => fails));
      await world.append(deposits(20, 5));
      await world.follow();
      fails = true;
      const report = await world.run(projectionVerifyJob(world.open), { ...wanted, ...mode, fix: true });
      const row = { table: 'account', keyText: 'a-1', position: 7, eventType: 'Deposited', fault: 'RangeError: not understood' };
      const none = { missing: 0, extra: 0, differing: 0, parked: 0 };
      expect(report).toMatchObject({ total: 1, projections: [{ ...none, unfoldable: 1, unfoldableRows: [row] }] });
      fails = false;
      expect(await world.run(projectionVerifyJob(world.open), { ...wanted, ...mode })).toMatchObject({ total: 0 });
    },
  );

  test('of a table that somebody has altered names the difference', async () => {
    await using world = await drifted();
    await world.sql(`alter table ${schema}.account drop column last_note`);
    await expect(world.run(projectionVerifyJob(world.open), wanted)).rejects.toMatchObject({
      code: 'DefinitionInvalid',
      message: expect.stringMatching(/account\.last_note is not there, declared as text.*rebuild contract-ledger/),
    });
  });

  test('fixes exactly the rows that are wrong, and notes it in the audit log', async () => {
    await using world = await drifted();
    const before = new Map((await world.sql(`select id, xmin::text from ${schema}.account`)).map(({ id, xmin }) => [id, xmin]));
    const report = await world.run(projectionVerifyJob(world.open), { ...wanted, fix: true });
    expect(report).toMatchObject({ total: 0, projections: [{ fixed: 3, findings: [] }] });
    const after = await world.sql(`select id, balance, xmin::text from ${schema}.account order by id`);
    expect(after.map(({ id, balance }) => `${String(id)} ${String(balance)}`)).toEqual(Array.from({ length: 10 }, (_, n) => `a-${n} 2`));
    expect(after.filter(({ id, xmin }) => before.get(id) !== xmin).map(({ id }) => id)).toEqual(['a-5', 'a-6']);
    const [action] = await world.stores.audit.actions({ limit: 1 });
    expect(action).toMatchObject({
      verb: 'projection verify --fix',
      operator: 'ada',
      before: {
        missing: 1,
        extra: 1,
        differing: 1,
        rows: expect.arrayContaining([
          { row: 'account a-5', is: { balance: 77 } },
          { row: 'account a-6', is: null },
        ]),
      },
      outcome: {
        succeeded: true,
        after: {
          changed: 3,
          rows: expect.arrayContaining([
            { row: 'account a-5', is: expect.objectContaining({ id: 'a-5', balance: 2 }) },
            { row: 'account extra', is: null },
          ]),
        },
      },
    });
  });
});

/** Cannot fold the event at position 7. */
function failing(fails = () => true): Projection {
  const { account, ...others } = ledger.tables;
  if (account === undefined) throw new Error('the sample has this table');
  const fold: typeof account.fold = (row, event, key) => {
    if (event.position === 7 && fails()) throw new RangeError('not understood');
    return account.fold(row, event, key);
  };
  return { ...ledger, tables: { ...others, account: { ...account, fold } } };
}

/** A ledger with a row too few, one too many, and one that is wrong. */
async function drifted(accounts = 10): Promise<LedgerWorld> {
  const world = await ledgerWorld();
  await world.append(deposits(accounts * 2, accounts));
  await world.follow();
  await world.sql(`update ${schema}.account set balance = 77 where id = 'a-5'`);
  await world.sql(`delete from ${schema}.account where id = 'a-6'`);
  await world.sql(
    `insert into ${schema}.account
     select 'extra', balance, blocked, opened_at, opened_on, last_note, entries from ${schema}.account where id = 'a-1'`,
  );
  return world;
}
