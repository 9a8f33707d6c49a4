import { expect, test } from 'vitest';
import { jsonFault } from './json-fault.ts';

test('what JSON can hold has no fault', () => {
  expect(jsonFault({ a: [1, 'ü🚀', null, true, { b: undefined }], c: Object.create(null) })).toBeUndefined();
});

test.each<[string, unknown]>([
  ['lines[0].price is the number Infinity', { lines: [{ price: Number.POSITIVE_INFINITY }] }],
  ['name is a text with a NUL character or half a surrogate pair', { name: 'a\0' }],
  ['name is a text with a NUL character or half a surrogate pair', { name: '\udc00\ud800' }],
  ['\ud800 is a key with a NUL character or half a surrogate pair', { '\ud800': 1 }],
  ['at is an instance of Date, not a plain object', { at: new Date(0) }],
  ['count is a value of type bigint', { count: 1n }],
  ['[0] is a value of type undefined', [undefined]],
  ['it is an instance of Map, not a plain object', new Map()],
])('%s, which cannot be stored', (fault, value) => {
  expect(jsonFault(value)).toBe(fault);
});

test('nesting has an end', () => {
  let deep: unknown = 1;
  for (let level = 0; level < 101; level++) deep = [deep];
  expect(jsonFault(deep)).toContain('more than 100 levels');
});
