import { expect, test } from 'vitest';
import { summaryOf } from './summary.ts';

const told = (unit: 'count' | 'seconds' | 'ratio', value: number, summary = '{value}') =>
  summaryOf({ summary, unit }, { service: 'a' }, value);

test('a value is told in its unit, in three figures', () => {
  expect([told('ratio', 0.051234), told('ratio', 1)]).toEqual(['5.12 %', '100 %']);
  expect([told('seconds', 0.25149), told('seconds', 1), told('seconds', 90.44)]).toEqual(['251 ms', '1 s', '90.4 s']);
  expect([told('count', 7), told('count', 1_234.5)]).toEqual(['7', '1230']);
});

test('a label that an alert does not have is told as not known', () => {
  expect(told('count', 2, '{service} has {value} of {projection}')).toBe('a has 2 of ?');
});
