import type { Finding } from '@kiroku/postgres';
import { expect, test } from 'vitest';
import { addFindings, nothingFound } from './found-so-far.ts';

const missing = (position: number, lastPosition: number): Finding => ({ kind: 'EventMissing', position, lastPosition, detail: 'gone' });
const altered = (position: number): Finding => ({ kind: 'EventAltered', position, detail: 'altered' });

test('what is missing at the end of a page and the beginning of the next is one finding', () => {
  const first = addFindings(nothingFound, [altered(1), missing(5, 9)]);
  const { findings, total } = addFindings(first, [missing(10, 12), altered(13)]);
  expect(findings).toEqual([altered(1), missing(5, 12), altered(13)]);
  expect(total).toBe(3);
});

test('what is missing elsewhere, or altered side by side, is counted by itself', () => {
  expect(addFindings(addFindings(nothingFound, [missing(5, 9)]), [missing(11, 12)]).total).toBe(2);
  expect(addFindings(addFindings(nothingFound, [altered(5)]), [altered(6)]).total).toBe(2);
});

test('of very many, all are counted and a thousand listed', () => {
  const many = Array.from({ length: 1_500 }, (_, index) => altered(2 * index + 1));
  const { findings, total } = addFindings(addFindings(nothingFound, many), [altered(9_999)]);
  expect([findings.length, total]).toEqual([1_000, 1_501]);
});
