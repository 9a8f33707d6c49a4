import { expect, test } from 'vitest';
import { decodeAdvance, encodeAdvance } from './advance-message.ts';

const advance = { projection: 'product-list', version: 1, build: 2, partition: 3, position: 9, changed: { product: ['a', '["b",1]'] } };

test('an advance is told as it is', () => {
  expect(decodeAdvance(encodeAdvance(advance))).toEqual(advance);
});

test('an advance says which lists may have changed, and that its build is read from now on', () => {
  const more = { ...advance, lists: { 'product.category_id': ['tea', ''] }, isRead: true };
  expect(decodeAdvance(encodeAdvance(more))).toEqual(more);
});

test('an advance with more rows than fit a notification is told without them', () => {
  const many = { ...advance, changed: { product: Array.from({ length: 3_000 }, () => 'é') } };
  const text = encodeAdvance(many);
  expect(Buffer.byteLength(text)).toBeLessThan(8_000);
  expect(decodeAdvance(text)).toEqual({ ...advance, changed: undefined });
});

test('an advance whose rows fit a notification is told with them, whatever lists they are on: others than they need not look', () => {
  const changed = { order: Array.from({ length: 100 }, () => crypto.randomUUID()) };
  const lists = { 'order.customer_id': Array.from({ length: 200 }, () => crypto.randomUUID()) };
  expect(decodeAdvance(encodeAdvance({ ...advance, changed, lists }))).toEqual({ ...advance, changed });
});

test.each([
  '',
  'no JSON',
  'null',
  '{}',
  '{"projection":"p","version":1,"position":1}',
  '{"projection":1,"version":1,"build":1,"partition":0,"position":1}',
])('%s is no advance', (text) => {
  expect(decodeAdvance(text)).toBeUndefined();
});
