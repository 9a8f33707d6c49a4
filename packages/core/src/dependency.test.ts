import { expect, test } from 'vitest';
import { anyRow, rowsListedBy, rowsWithKeys } from './dependency.ts';
import { defineEvents } from './event-definition.ts';
import { defineProjection } from './projection.ts';

const shelves = defineProjection({
  name: 'shelves',
  version: 1,
  events: defineEvents({}),
  tables: {
    book: { columns: { id: 'text key', shelf: 'text', lent: 'boolean' }, listedBy: ['lent'], on: {} },
    loan: { columns: { book: 'text key', number: 'integer key', reader: 'text' }, on: {} },
    visit: { columns: { at: 'timestamp key', reader: 'text' }, on: {} },
  },
});

test('rows are named as those that change are told: by their keys as text, and by the values of columns that they are listed by', () => {
  const keys = [
    { number: 2, book: 'b' },
    { book: 'c', number: 1 },
  ];
  expect(rowsWithKeys(shelves, 'loan', keys)).toEqual({ projection: 'shelves', table: 'loan', keys: ['["b",2]', '["c",1]'] });
  expect(rowsWithKeys(shelves, 'book', [{ id: 'b' }])).toEqual({ projection: 'shelves', table: 'book', keys: ['b'] });
  expect(rowsListedBy(shelves, 'book', 'lent', false)).toEqual({
    projection: 'shelves',
    table: 'book',
    list: { column: 'lent', value: 'false' },
  });
  expect(anyRow(shelves, 'visit')).toEqual({ projection: 'shelves', table: 'visit' });
});

test.each<[string, () => unknown, RegExp]>([
  [
    'a part of a key, which is that of no row',
    () => rowsWithKeys(shelves, 'loan', [{ book: 'b' }]),
    /shelves\.loan has the key \(book, number\)/,
  ],
  [
    'a key that may be written in several ways',
    () => rowsWithKeys(shelves, 'visit', [{ at: '2026-11-24T10:00:00Z' }]),
    /shelves\.visit\.at is a timestamp/,
  ],
  [
    'a list that nobody tells of',
    () => rowsListedBy(shelves, 'book', 'shelf', 'A'),
    /shelves\.book does not say that it is listed by "shelf"/,
  ],
  ['a table that is not there', () => rowsWithKeys(shelves, 'reader' as 'book', []), /shelves has no table "reader"/],
])('%s is refused: nobody would hear that it changes', (_what, of, why) => {
  expect(of).toThrow(why);
});
