import type { LogEntry } from '@kiroku/operations';
import { expect, test } from 'vitest';
import { readableLogEntry } from './format-log-entry.ts';

const time = Date.parse('2026-11-27T10:00:00.123Z');
const shown = (fields: object): string =>
  readableLogEntry.of({ service: 'command-service', level: 'info', time, text: JSON.stringify(fields) } satisfies LogEntry);

test('a line says when, how important, where, what, and its fields', () => {
  expect(shown({ level: 'info', time: 'x', instance: 'i', url: '/a', ms: 3, code: { a: 1 }, msg: 'answered' })).toBe(
    '2026-11-27 10:00:00.123  INFO   command-service   answered  url=/a  ms=3  code={"a":1}',
  );
});

test('what somebody sent cannot look like another line', () => {
  const text = shown({ msg: 'a\n2026-11-27 10:00:01.000  ERROR  x', note: 'b\nc' });
  expect(text).not.toContain('\n');
  expect(text).toContain('a\\n2026');
});

test('a stack stands below, with what caused it', () => {
  const err = { type: 'A', message: 'm', stack: 'A: m\n    at x', code: 'E1', cause: { type: 'B', message: 'why' } };
  expect(shown({ msg: 'failed', err })).toMatch(/failed {2}code=E1\n {4}A: m\n {8}at x\n {4}caused by B: why$/);
  expect(shown({ msg: 'ended', output: 'one\ntwo' })).toMatch(/ended\n {4}one\n {4}two$/);
});

test('values of megabytes are cut, with a mark', () => {
  const text = shown({ msg: 'x'.repeat(1e6), note: 'y'.repeat(1e6), output: 'z\n'.repeat(1e5) });
  expect(text.length).toBeLessThan(5_000);
  expect(text.match(/\(cut/g)).toHaveLength(3);
});

test('what is no JSON is shown as it is', () => {
  expect(readableLogEntry.of({ service: 'a', level: 'error', text: 'Segmentation fault' })).toMatch(/^- +ERROR {2}a +Segmentation fault$/);
});
