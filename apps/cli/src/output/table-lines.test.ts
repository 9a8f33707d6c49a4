import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { tableLines } from './table-lines.ts';

/** Without colours, which there are in CI. */
const plain = (...given: Parameters<typeof tableLines>) => tableLines(...given).map(stripVTControlCharacters);

const head = ['id', 'state', 'why'];
const rows = [
  ['a', 'live', '-'],
  ['b', 'failed', 'the carrier does not answer, and has not for an hour'],
];

test('a row is as long as it is where nobody looks at it', () => {
  expect(plain(head, rows)).toEqual([
    'id  state   why',
    'a   live    -',
    'b   failed  the carrier does not answer, and has not for an hour',
  ]);
});

test('in a terminal, the last cell of a row that does not fit stands below it, under its title', () => {
  expect(plain(head, rows, 40)).toEqual([
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
  expect(plain(head, wide, 40)).toEqual([
    'id',
    '0193a1b2-0000-7000-8000-000000000001',
    '    state  done',
    '0193a1b2-0000-7000-8000-000000000002',
    '    state  failed  why  no answer',
  ]);
});

test('what is said of a row as a whole stands below it in any width', () => {
  expect(
    plain(
      ['name', 'state'],
      [
        ['orders', 'stalled', 'a column is missing', 'build 2 too'],
        ['stock', 'live'],
      ],
    ),
  ).toEqual(['name    state', 'orders  stalled', '    a column is missing', '    build 2 too', 'stock   live']);
});

test('a cell of several lines is one line', () => {
  expect(plain(['fault'], [['it failed:\n  at once']])).toEqual(['fault', 'it failed: at once']);
});
