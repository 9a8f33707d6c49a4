import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { formatDifference } from './format-difference.ts';

const place = { projection: 'order-summary', table: 'customer_order', key: { id: 'o1' } };
const plain = stripVTControlCharacters;

test('a row that changed is a line with its fields, before and after', () => {
  const fields = { status: { before: 'placed', after: 'confirmed' }, reason: { before: null, after: 'x'.repeat(80) } };
  expect(plain(formatDifference({ ...place, kind: 'changed', fields }))).toBe(
    `~ order-summary.customer_order o1  status "placed" → "confirmed", reason null → "${'x'.repeat(58)}…`,
  );
});

test('a row that was added or removed is a line with its values, the key once', () => {
  expect(plain(formatDifference({ ...place, kind: 'added', fields: { id: { after: 'o1' }, total: { after: 5 } } }))).toBe(
    '+ order-summary.customer_order o1  total 5',
  );
  expect(plain(formatDifference({ ...place, kind: 'removed', fields: { id: { before: 'o1' } } }))).toBe(
    '- order-summary.customer_order o1',
  );
});
