import { type JsonObject, KirokuError, type Projection, partitionOf, type RecordedEvent, type Row, type Table } from '@kiroku/core';
import { foldOneByOne, ledger, ledgerMoves, recordedAs } from '@kiroku/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { batchFold, type FoldBatchOptions, presentEvents } from './fold-batch.ts';

const none = { rows: {}, parked: {} };
const whole = {
  id: 'a',
  balance: 1,
  blocked: false,
  opened_at: '2026-11-24T10:00:00Z',
  opened_on: '2026-11-24',
  last_note: null,
  entries: [],
};

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
    expect(fold(none)).toEqual({ changes: [], parks: [] });
  });

  test('that makes a row and removes it again changes nothing', () => {
    const events = [recorded(1, 'Deposited', { account: 'a', amount: 1 }), recorded(2, 'AccountClosed', { account: 'a' })];
    expect(
      foldBatch(ledger, events)
        .fold(none)
        .changes.map(({ table }) => table),
    ).toEqual(['day']);
  });

  test('may be folded again', () => {
    const { fold } = foldBatch(ledger, [recorded(1, 'Deposited', { account: 'a', amount: 1 })]);
    expect(fold(none)).toEqual(fold(none));
  });

  test('in partitions amounts to the same rows, each in the partition of its key', () => {
    fc.assert(
      fc.property(ledgerMoves, fc.integer({ min: 2, max: 5 }), (moves, partitions) => {
        const events = moves.map((move, n) => recordedAs(n + 1, move));
        const parts = Array.from({ length: partitions }, (_, partition) => foldBatch(ledger, events, { partition, partitions }).fold(none));
        const accounts = parts.flatMap(({ changes }, partition) =>
          changes.filter(({ table }) => table === 'account').flatMap(({ upserts }) => upserts.map((row) => ({ row, partition }))),
        );
        for (const { row, partition } of accounts) expect(partitionOf(String(row.id), partitions)).toBe(partition);
        const byId = new Map(accounts.map(({ row }) => [String(row.id), row]));
        expect(byId).toEqual(byKey(foldOneByOne(ledger, events)).account);
      }),
    );
  });
});

describe('a key', () => {
  const deposits = [1, 2, 3, 4].map((position) => recorded(position, 'Deposited', { account: position === 3 ? 'b' : 'a', amount: 1 }));

  test('is parked at the first event that its fold fails on; what went before is kept, what comes later waits, and others go on', () => {
    const { changes, parks } = foldBatch(failingAt(2), deposits).fold(none);
    expect(changes.find(({ table }) => table === 'account')?.upserts).toMatchObject([
      { id: 'a', balance: 1 },
      { id: 'b', balance: 1 },
    ]);
    const waits = { table: 'account', keyText: 'a', key: { id: 'a' }, eventType: 'Deposited' };
    const fault = { code: 'SyntaxError', message: expect.stringContaining('JSON'), stack: expect.stringContaining('fold') };
    expect(parks).toEqual([
      { ...waits, position: 2, fault },
      { ...waits, position: 4 },
    ]);
  });

  test('that is parked already only gets more that waits', () => {
    const { changes, parks } = foldBatch(ledger, deposits).fold({ rows: {}, parked: { account: new Set(['a']) } });
    expect(changes.find(({ table }) => table === 'account')?.upserts).toMatchObject([{ id: 'b' }]);
    expect(parks.map(({ position, fault }) => [position, fault])).toEqual([1, 2, 4].map((position) => [position, undefined]));
  });

  test('is parked the same, however the events are cut into batches', () => {
    fc.assert(
      fc.property(ledgerMoves, fc.nat(60), fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), (moves, bad, sizes) => {
        const events = moves.map((move, n) => recordedAs(n + 1, move));
        expect(runInBatches(failingAt(bad), events, sizes)).toEqual(runInBatches(failingAt(bad), events, [1]));
      }),
    );
  });

  test('whose fold returns a row of another key is parked', () => {
    const moving = ledgerWith({ fold: () => ({ ...whole, id: 'elsewhere' }) });
    expect(foldBatch(moving, [deposit]).fold(none).parks).toMatchObject([{ keyText: 'a', fault: { code: 'DefinitionInvalid' } }]);
  });

  test.each([
    ['a column that is not declared', { ...whole, extra: 1 }],
    ['a column that is missing', { ...whole, balance: undefined }],
    ['null where a value must be', { ...whole, blocked: null }],
    ['a value of another type', { ...whole, opened_on: 5 }],
    ['a date that is none', { ...whole, opened_on: '24.11.2026' }],
    ['an instant that is none', { ...whole, opened_at: 'yesterday' }],
    ['an integer that is not exact', { ...whole, balance: 2 ** 53 }],
    ['a text with NUL', { ...whole, last_note: 'a\0b' }],
    ['half a surrogate pair in JSON', { ...whole, entries: ['\ud800'] }],
  ])('whose fold returns %s is parked', (_what, row) => {
    const { changes, parks } = foldBatch(ledgerWith({ fold: () => row }), [deposit]).fold(none);
    expect(changes).toEqual([]);
    expect(parks).toMatchObject([{ keyText: 'a', position: 7, fault: { code: 'RowInvalid' } }]);
  });

  test.each([
    ['fails', () => JSON.parse('no JSON')],
    ['gives a key of another type', () => [{ id: 5 }]],
    ['gives a key with NUL', () => [{ id: 'a\0' }]],
    ['gives a key that is too long for an index', () => [{ id: 'x'.repeat(3_000) }]],
  ])('that cannot be told, since finding it %s, parks the event under its position', (_what, keys) => {
    expect(foldBatch(ledgerWith({ keys }), [deposit]).fold(none).parks).toMatchObject([{ table: 'account', keyText: '#7', position: 7 }]);
  });

  test('that the database refuses is parked at its event', () => {
    const refused = [{ table: 'account', keyText: 'b', fault: { code: 'RowInvalid', message: 'too long' } }];
    const { changes, parks } = foldBatch(ledger, deposits, { refused }).fold(none);
    expect(changes.find(({ table }) => table === 'account')?.upserts).toMatchObject([{ id: 'a', balance: 3 }]);
    expect(parks).toMatchObject([{ keyText: 'b', position: 3, fault: { message: 'too long' } }]);
  });

  test('is not parked by a fault that passes', () => {
    const away = ledgerWith({
      fold: () => {
        throw new KirokuError('DatabaseUnavailable', 'away');
      },
    });
    expect(() => foldBatch(away, [deposit]).fold(none)).toThrow('away');
  });
});

const deposit = recorded(7, 'Deposited', { account: 'a', amount: 1 });

function foldBatch(projection: Projection, events: readonly RecordedEvent[], options?: FoldBatchOptions) {
  return batchFold(projection)(presentEvents(projection, events), options);
}

/** The ledger with another table of accounts. */
function ledgerWith(account: Partial<Table>): Projection {
  return { ...ledger, tables: { account: { ...tableOfAccounts(), ...account } } };
}

function failingAt(position: number): Projection {
  const accounts = tableOfAccounts();
  const account: Table = {
    ...accounts,
    fold: (row, event, key) => (event.position === position ? JSON.parse('no JSON') : accounts.fold(row, event, key)),
  };
  return { ...ledger, tables: { ...ledger.tables, account } };
}

type Rows = { readonly [table: string]: ReadonlyMap<string, object> };

function foldInBatches(events: readonly RecordedEvent[], sizes: readonly number[]): Rows {
  return runInBatches(ledger, events, sizes).rows;
}

function runInBatches(projection: Projection, events: readonly RecordedEvent[], sizes: readonly number[]) {
  const rows: { [table: string]: Map<string, Row> } = { account: new Map(), day: new Map() };
  const queues: { [table: string]: Map<string, number[]> } = { account: new Map(), day: new Map() };
  let from = 0;
  for (let n = 0; from < events.length; n++) {
    const size = sizes[n % sizes.length] ?? 1;
    const parked = Object.fromEntries(Object.entries(queues).map(([table, keys]) => [table, new Set(keys.keys())]));
    const { changes, parks } = foldBatch(projection, events.slice(from, from + size)).fold({ rows, parked });
    for (const { table, upserts, deletes } of changes) {
      for (const key of deletes) rows[table]?.delete(keyText(table, key));
      for (const row of upserts) rows[table]?.set(keyText(table, row), row);
    }
    for (const { table, keyText: text, position } of parks) {
      queues[table]?.set(text, [...(queues[table]?.get(text) ?? []), position]);
    }
    from += size;
  }
  return { rows, queues };
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
