import { expect, test } from 'vitest';
import { lastLines } from './log-file.ts';
import { readableLine } from './readable-line.ts';

test.each([
  ['{"level":30,"msg":"ready"}', 'info ready'],
  ['{"level":60,"msg":"unexpected error","err":{"message":"no disk"}}', 'fatal unexpected error: no disk'],
  ['plain text', 'plain text'],
  ['{"level":30,"ms', '{"level":30,"ms'],
])('%s reads as %s', (line, text) => {
  expect(readableLine(line)).toBe(text);
});

test('an empty log has no last lines', () => {
  expect(lastLines('\n', 3)).toEqual([]);
  expect(lastLines('a\nb\nc\nd\n', 3)).toEqual(['b', 'c', 'd']);
});
