import { ledger } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { checkRowOf } from './check-row.ts';

const { account } = ledger.tables;
if (account === undefined) throw new Error('the sample has this table');
const check = checkRowOf('ledger.account', account);
const row = {
  id: 'ann',
  balance: 1,
  blocked: false,
  opened_at: '2026-11-24T10:00:00.123456Z',
  opened_on: '2026-02-28',
  last_note: null,
  entries: [],
};

test('a row that its table can hold passes', () => {
  for (const fits of [{}, { entries: null }, { opened_at: '2026-11-24T10:00:00+01:00' }, { last_note: '日本' }])
    check({ ...row, ...fits }, undefined);
});

test.each([
  [{ surplus: 1 }, 'it has surplus, which is not declared'],
  [{ balance: undefined }, 'it lacks balance'],
  [{ balance: null }, 'balance is null'],
  [{ balance: 0.5 }, 'balance should be integer and is 0.5'],
  [{ balance: 2 ** 53 }, 'balance should be integer'],
  [{ blocked: 'no' }, 'blocked should be boolean and is a string'],
  [{ last_note: 'a\0b' }, 'last_note should be text and is a text with a NUL character'],
  [{ last_note: '\ud800' }, 'last_note should be text and is a text with'],
  [{ opened_on: '2026-02-30' }, 'opened_on should be date and is "2026-02-30"'],
  [{ opened_on: 'today' }, 'opened_on should be date'],
  [{ opened_at: '2026-02-30T00:00:00Z' }, 'opened_at should be timestamp'],
  [{ opened_at: '2026-11-24' }, 'opened_at should be timestamp'],
  [{ entries: [() => 1] }, 'entries should be json'],
])('%o is refused', (wrong, why) => {
  expect(() => check({ ...row, ...wrong }, undefined)).toThrow(
    expect.objectContaining({ code: 'RowInvalid', message: expect.stringContaining(why) }),
  );
});

test('what was in the row before is not looked at again', () => {
  const before = { ...row, entries: [() => 1] };
  check({ ...before, balance: 2 }, before);
});
