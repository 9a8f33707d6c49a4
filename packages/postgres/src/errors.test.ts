import { KirokuError } from '@kiroku/core';
import { describe, expect, test } from 'vitest';
import { isDataFault, isRefusal, toKirokuError } from './errors.ts';

describe('an error of the driver or of PostgreSQL becomes ours', () => {
  test.each([
    ['08006', 'DatabaseUnavailable'],
    ['57P01', 'DatabaseUnavailable'],
    ['57P03', 'DatabaseUnavailable'],
    ['53300', 'DatabaseUnavailable'],
    ['25006', 'DatabaseUnavailable'],
    ['ECONNREFUSED', 'DatabaseUnavailable'],
    ['ECONNRESET', 'DatabaseUnavailable'],
    ['ENOTFOUND', 'DatabaseUnavailable'],
    ['40001', 'Conflict'],
    ['55P03', 'Overloaded'],
    ['28P01', 'ConfigurationInvalid'],
    ['3D000', 'ConfigurationInvalid'],
    ['42501', 'ConfigurationInvalid'],
    ['42P01', 'SchemaTooOld'],
    ['KR003', 'PositionOverflow'],
    ['22P02', 'Internal'],
    ['XX000', 'Internal'],
  ])('%s → %s', (code, ours) => {
    const cause = Object.assign(new Error('what PostgreSQL said'), { code });
    expect(toKirokuError(cause)).toMatchObject({ code: ours, cause, message: expect.stringContaining('(what PostgreSQL said)') });
  });

  test.each([
    ['Connection terminated unexpectedly', 'DatabaseUnavailable'],
    ['timeout exceeded when trying to connect', 'DatabaseUnavailable'],
    ['Query read timeout', 'DatabaseUnavailable'],
    ['Cannot use a pool after calling end on the pool', 'Stopping'],
    ['something else', 'Internal'],
  ])('"%s" → %s', (message, ours) => {
    expect(toKirokuError(new Error(message))).toMatchObject({ code: ours });
  });

  test('55000 is a database closed to connections if it comes from connecting, and a defect otherwise', () => {
    const error = (routine: string) =>
      Object.assign(new Error('database "x" is not currently accepting connections'), { code: '55000', routine });
    expect(toKirokuError(error('CheckMyDatabase'))).toMatchObject({ code: 'DatabaseUnavailable' });
    expect(toKirokuError(error('currval_oid'))).toMatchObject({ code: 'Internal' });
  });

  test('once only', () => {
    const ours = new KirokuError('Conflict', 'changed');
    expect(toKirokuError(ours)).toBe(ours);
    expect(toKirokuError('a string')).toMatchObject({ code: 'Internal', cause: 'a string' });
  });
});

test.each([
  ['22P02', true, true],
  ['23505', true, true],
  ['42501', true, false],
  ['57014', true, false],
  ['57P01', false, false],
  ['08006', false, false],
  ['EPIPE', false, false],
  ['ECONNRESET', false, false],
])('%s: PostgreSQL refused: %s, because of the values: %s', (code, refused, values) => {
  const error = Object.assign(new Error(), { code });
  expect(isRefusal(error)).toBe(refused);
  expect(isDataFault(error)).toBe(values);
});
