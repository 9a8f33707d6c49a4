import type { JsonObject, RecordedEvent, Row } from '@kiroku/core';
import { foldOneByOne, ledger, ledgerMoves, recordedAs } from '@kiroku/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldBatch } from './fold-batch.ts';

describe('a batch of events', () => {
  test('amounts to the same rows as its events one at a time, however it is cut', () => {
    fc.assert(
      fc.property(ledgerMoves, fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), (moves, sizes) => {
        const events = moves.map((move, n) => recordedAs(n + 1, move));
        expect(foldInBatches(events, sizes)).toEqual(byKey(foldOneByOne(ledger, events)));
      }),
    );
  });

  test('names each touched row once', () => {
    const events = [
      recorded(1, 'Deposited', { account: 'a', amount: 1 }),
      recorded(2, 'Transferred', { account: 'a', to: 'b', amount: 1 }),
    ];
    expect(foldBatch(ledger, events).touched).toEqual({
      account: [{ id: 'a' }, { id: 'b' }],
      day: [{ day: '2026-11-24', account: 'a' }],
    });
  });

  test('of no interest touches nothing and changes nothing', () => {
    const { touched, fold } = foldBatch(ledger, [recorded(1, 'SomethingElse', {})]);
    expect(touched).toEqual({});
    expect(fold({})).toEqual([]);
  });

  test('that makes a row and removes it again changes nothing', () => {
    const events = [recorded(1, 'Deposited', { account: 'a', amount: 1 }), recorded(2, 'AccountClosed', { account: 'a' })];
    expect(
      foldBatch(ledger, events)
        .fold({})
        .map(({ table }) => table),
    ).toEqual(['day']);
  });

  test('may be folded again', () => {
    const { fold } = foldBatch(ledger, [recorded(1, 'Deposited', { account: 'a', amount: 1 })]);
    expect(fold({})).toEqual(fold({}));
  });

  test('that a fold fails on says which event it was', () => {
    const broken = { ...ledger, tables: { account: { ...tableOfAccounts(), fold: () => JSON.parse('no JSON') } } };
    const { fold } = foldBatch(broken, [recorded(7, 'Deposited', { account: 'a', amount: 1 })]);
    expect(() => fold({})).toThrow(/contract-ledger\.account failed on event 7 \(Deposited of account-a\)/);
  });

  test('whose fold returns a row of another key is refused', () => {
    const moving = { ...ledger, tables: { account: { ...tableOfAccounts(), fold: () => ({ id: 'elsewhere' }) } } };
    const { fold } = foldBatch(moving, [recorded(7, 'Deposited', { account: 'a', amount: 1 })]);
    expect(() => fold({})).toThrow(/returned a row with another key/);
  });
});

type Rows = { readonly [table: string]: ReadonlyMap<string, object> };

function foldInBatches(events: readonly RecordedEvent[], sizes: readonly number[]): Rows {
  const rows: { [table: string]: Map<string, Row> } = { account: new Map(), day: new Map() };
  let from = 0;
  for (let n = 0; from < events.length; n++) {
    const size = sizes[n % sizes.length] ?? 1;
    for (const { table, upserts, deletes } of foldBatch(ledger, events.slice(from, from + size)).fold(rows)) {
      for (const key of deletes) rows[table]?.delete(keyText(table, key));
      for (const row of upserts) rows[table]?.set(keyText(table, row), row);
    }
    from += size;
  }
  return rows;
}

function byKey(tables: { readonly [table: string]: readonly object[] }): Rows {
  return Object.fromEntries(
    Object.entries(tables).map(([table, rows]) => [table, new Map(rows.map((row) => [keyText(table, row as Row), row]))]), // rows are records
  );
}

function keyText(table: string, row: Row): string {
  return table === 'account' ? String(row.id) : JSON.stringify([row.day, row.account]);
}

function tableOfAccounts() {
  const { account } = ledger.tables;
  if (account === undefined) throw new Error('the sample has this table');
  return account;
}

function recorded(position: number, type: string, data: JsonObject): RecordedEvent {
  return recordedAs(position, { type, data });
}
