import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { run } from '../run.ts';

let printed: string;
beforeEach(() => {
  printed = '';
  const keep = (text: string | Uint8Array) => {
    printed += String(text);
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(keep);
  vi.spyOn(process.stderr, 'write').mockImplementation(keep);
});
afterEach(() => vi.restoreAllMocks());

test.each([
  [['--level', 'loud'], '"loud" is no level'],
  [['--grep', '('], 'cannot be read'],
  [['--since', 'yesterday'], 'how long ago'],
  [['--tail', 'some'], 'whole number'],
  [['level', 'all', 'loud'], 'one of trace'],
  [['level', 'all', 'debug', '--for', '2d'], '1s to 24h'],
])('logs %j is a usage error', async (args, message) => {
  expect(await run(['node', 'kiroku', 'logs', ...args])).toBe(2);
  expect(printed).toContain(message);
});
