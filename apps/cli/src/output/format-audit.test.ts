import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { auditColumns, formatAuditRow } from './format-audit.ts';

const entry = {
  kind: 'operator' as const,
  id: '1',
  correlationId: 'c',
  at: '2026-11-24T10:00:00.000Z',
  operator: 'ada',
  verb: 'migrate',
  arguments: {},
};

test('long arguments and faults do not widen the table', () => {
  const names = Array.from({ length: 99 }, (_, index) => `n${index}`);
  const outcome = { succeeded: false as const, at: entry.at, error: 'It failed.\n  '.repeat(50) };
  const row = formatAuditRow({ ...entry, arguments: { names }, outcome }).map(stripVTControlCharacters);
  for (const cell of row.slice(0, auditColumns.length)) expect(cell.length).toBeLessThan(90);
  const [given, error] = row.slice(auditColumns.length);
  expect(given).toMatch(/^\{"names":\["n0",.*…$/);
  expect(error).toMatch(/^It failed\. It failed\. .*…$/);
});

test('short ones are shown as they are', () => {
  const row = formatAuditRow({ ...entry, arguments: { name: 'sales' }, outcome: { succeeded: false, at: entry.at, error: 'It failed.' } });
  expect(row.map(stripVTControlCharacters).slice(3)).toEqual(['migrate {"name":"sales"}', 'failed', '-', 'It failed.']);
});
