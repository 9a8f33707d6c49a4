import { defineEvents, defineProjection } from '@kiroku/core';
import { anySchema, ledger, recordedAs } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { MemoryFold } from '../rebuild-projection/memory-fold.ts';
import { halves, wholeShare } from '../rebuild-projection/share.ts';
import { RowComparison } from './compare-rows.ts';

const { account } = ledger.tables;
if (account === undefined) throw new Error('the sample has this table');
const table = account;
const row = {
  id: 'ann',
  balance: 1,
  blocked: false,
  opened_at: '2026-11-24T10:00:00.123456Z',
  opened_on: '2026-11-24',
  last_note: null,
  entries: [{ position: 1, balance: 2 }],
};

function findings(expected: readonly object[], found: readonly object[], skip: (keyText: string) => boolean = () => false) {
  const rows = new Map(expected.map((each) => [String((each as typeof row).id), each as typeof row]));
  const comparison = new RowComparison('account', table, rows, skip);
  return [...comparison.compare(found as (typeof row)[]), ...comparison.missing()];
}

test.each([
  ['a timestamp with fewer digits', { opened_at: '2026-11-24T10:00:00Z' }, { opened_at: '2026-11-24T10:00:00.000000Z' }],
  ['a timestamp in another zone', { opened_at: '2026-11-24T11:30:00.5+01:30' }, { opened_at: '2026-11-24T10:00:00.500000Z' }],
  ['a timestamp that is rounded up', { opened_at: '2026-11-24T09:59:59.9999999Z' }, { opened_at: '2026-11-24T10:00:00.000000Z' }],
  ['JSON in another order of keys', { entries: { a: 1, b: [{ c: 2, d: 3 }] } }, { entries: { b: [{ d: 3, c: 2 }], a: 1 } }],
])('%s is no difference', (_, expected, found) => {
  expect(findings([{ ...row, ...expected }], [{ ...row, ...found }])).toEqual([]);
});

test('a row that differs is found with the fields that do', () => {
  expect(findings([row], [{ ...row, balance: 2, entries: [] }])).toEqual([
    {
      kind: 'differing',
      table: 'account',
      key: { id: 'ann' },
      keyText: 'ann',
      expected: { balance: 1, entries: row.entries },
      found: { balance: 2, entries: [] },
    },
  ]);
});

test('rows that are missing and rows too many are found; keys that are left out are not judged', () => {
  const [bob, cid] = [
    { ...row, id: 'bob' },
    { ...row, id: 'cid' },
  ];
  expect(findings([row, bob], [row, cid]).map(({ kind, keyText }) => `${kind} ${keyText}`)).toEqual(['extra cid', 'missing bob']);
  expect(findings([row, bob], [row, cid], (keyText) => keyText !== 'ann')).toEqual([]);
});

test('a row whose key the database writes otherwise is judged in the pass that folds it, and in no other', () => {
  const visits = defineProjection({
    name: 'visits',
    version: 1,
    events: defineEvents({ Visited: { schema: anySchema<{ readonly at: string; readonly door: string }>() } }),
    tables: {
      visit: {
        columns: { at: 'timestamp key', door: 'text key' },
        on: { Visited: { keys: ({ data }) => data, fold: (_, { data }) => ({ at: data.at, door: data.door }) } },
      },
    },
  });
  const times = Array.from({ length: 40 }, (_, index) => `2026-11-24T10:00:${index + 10}`);
  const events = times.map((time, index) => recordedAs(index + 1, { type: 'Visited', data: { at: `${time}Z`, door: 'north' } }));
  const stored = times.map((time) => ({ at: `${time}.000000Z`, door: 'north' }));
  let compared = 0;
  for (const share of halves(wholeShare).flatMap(halves)) {
    const fold = new MemoryFold({ projection: visits, share });
    fold.fold(events, events.length);
    for (const folded of fold.tables) {
      const comparison = new RowComparison('visit', folded.table, folded.rows, (keyText) => !folded.isInShare(keyText));
      expect([...comparison.compare(stored), ...comparison.missing()]).toEqual([]);
      compared += comparison.compared;
    }
  }
  expect(compared).toBe(times.length);
});
