import { expect, test } from 'vitest';
import { jsonFault } from './json-fault.ts';

test('what JSON can hold has no fault', () => {
  expect(jsonFault({ a: [1, 'ü🚀', null, true, { b: undefined }], c: Object.create(null) })).toBeUndefined();
});

test.each<[unknown, string]>([
  [{ lines: [{ price: Number.POSITIVE_INFINITY }] }, 'lines[0].price is the number Infinity'],
  [{ name: 'a\0' }, 'name is a text with a NUL character or half a surrogate pair'],
  [{ name: '\udc00\ud800' }, 'name is a text with a NUL character or half a surrogate pair'],
  [{ '\ud800': 1 }, '\ud800 is a key with a NUL character or half a surrogate pair'],
  [{ at: new Date(0) }, 'at is an instance of Date, not a plain object'],
  [{ count: 1n }, 'count is a value of type bigint'],
  [[undefined], '[0] is a value of type undefined'],
  [new Map(), 'it is an instance of Map, not a plain object'],
])('%j cannot be stored: %s', (value, fault) => {
  expect(jsonFault(value)).toBe(fault);
});

test('nesting has an end', () => {
  let deep: unknown = 1;
  for (let level = 0; level < 101; level++) deep = [deep];
  expect(jsonFault(deep)).toContain('more than 100 levels');
});
