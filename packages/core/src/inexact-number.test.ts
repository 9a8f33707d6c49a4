import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inexactNumber } from './inexact-number.ts';

test.each(['9007199254740993', '-12345678901234567890', '1e400', '1e-400', '0.1234567890123456789', '3.14159265358979323846'])(
  'no double holds %s',
  (number) => {
    expect(inexactNumber(`{"text":"7","list":[1,${number}]}`)).toBe(number);
  },
);

test.each([
  '9007199254740992',
  '1e21',
  '1E+2',
  '0.30000000000000004',
  '1.0000000000000000000',
  '0',
  '-0.0',
  '0e999',
  '5e-324',
  '1200000000000000000000',
])('a double holds %s', (number) => {
  expect(inexactNumber(`[${number}]`)).toBeUndefined();
});

test('digits in a text are no number', () => {
  expect(inexactNumber(String.raw`{"9007199254740993":"\\\"9007199254740993 1e400 \\"}`)).toBeUndefined();
});

test('whatever was written from doubles can be read', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => inexactNumber(JSON.stringify(value)) === undefined));
});
