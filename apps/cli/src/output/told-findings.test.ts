import type { TreatedFinding } from '@kiroku/operations';
import { expect, test } from 'vitest';
import { ToldFindings } from './told-findings.ts';

const moment: TreatedFinding = {
  code: 'MomentOfLostHistory',
  severity: 'warning',
  where: 'moment m',
  what: 'It was built at position 5.',
  why: 'Nobody can ask for it.',
  outcome: 'found',
};

test('ten of a kind are told, and where the others are listed', () => {
  const told = new ToldFindings();
  const shown = Array.from({ length: 200 }, () => moment).filter((each) => told.take(each));
  expect(shown).toHaveLength(10);
  expect(told.left()).toEqual(['… and 190 more MomentOfLostHistory: `kiroku replay list` lists all.']);
});

test('of each kind so many, and of ten none is left', () => {
  const told = new ToldFindings();
  for (let count = 0; count < 10; count++) expect(told.take(moment)).toBe(true);
  expect(told.take({ ...moment, code: 'SnapshotAhead' })).toBe(true);
  expect(told.left()).toEqual([]);
});

test('each repair that failed is told', () => {
  const told = new ToldFindings();
  const shown = Array.from({ length: 20 }, () => told.take({ ...moment, outcome: 'failed', error: 'no' }));
  expect(shown).not.toContain(false);
});
