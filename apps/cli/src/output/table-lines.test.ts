import { expect, test } from 'vitest';
import { tableLines } from './table-lines.ts';

const head = ['id', 'state', 'why'];
const rows = [
  ['a', 'live', '-'],
  ['b', 'failed', 'the carrier does not answer, and has not for an hour'],
];

test('a row is as long as it is where nobody looks at it', () => {
  expect(tableLines(head, rows)).toEqual([
    'id  state   why',
    'a   live    -',
    'b   failed  the carrier does not answer, and has not for an hour',
  ]);
});

test('in a terminal, the last cell of a row that does not fit stands below it, under its title', () => {
  expect(tableLines(head, rows, 40)).toEqual([
    'id  state   why',
    'a   live    -',
    'b   failed',
    '    why  the carrier does not answer, and has not for an hour',
  ]);
});

test('columns for which there is no room stand below each row that has something in them', () => {
  const wide = [
    ['0193a1b2-0000-7000-8000-000000000001', 'done', '-'],
    ['0193a1b2-0000-7000-8000-000000000002', 'failed', 'no answer'],
  ];
  expect(tableLines(head, wide, 40)).toEqual([
    'id',
    '0193a1b2-0000-7000-8000-000000000001',
    '    state  done',
    '0193a1b2-0000-7000-8000-000000000002',
    '    state  failed  why  no answer',
  ]);
});

test('what is said of a row as a whole stands below it in any width', () => {
  expect(
    tableLines(
      ['name', 'state'],
      [
        ['orders', 'stalled', 'a column is missing', 'build 2 too'],
        ['stock', 'live'],
      ],
    ),
  ).toEqual(['name    state', 'orders  stalled', '    a column is missing', '    build 2 too', 'stock   live']);
});

test('a cell of several lines is one line', () => {
  expect(tableLines(['fault'], [['it failed:\n  at once']])).toEqual(['fault', 'it failed: at once']);
});
