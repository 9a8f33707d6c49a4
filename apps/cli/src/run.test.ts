import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { run } from './run.ts';

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

const kiroku = (...args: string[]) => run(['node', 'kiroku', ...args]);

test('help is no error', async () => {
  expect(await kiroku('--help')).toBe(0);
  expect(printed).toContain('events');
});

test('an unknown command is a usage error, with the one that was probably meant', async () => {
  expect(await kiroku('statsu')).toBe(2);
  expect(printed).toContain('Did you mean status?');
});

test('an option that is no number is a usage error', async () => {
  expect(await kiroku('events', 'tail', '--limit', 'many')).toBe(2);
  expect(printed).toContain('whole number');
});

test('an argument that the verb itself refuses is a usage error that says why', async () => {
  expect(await kiroku('saga', 'close', 'any')).toBe(2);
  expect(printed).toContain('needs a --reason');
});

test('a configuration that cannot be loaded is one line', async () => {
  expect(await kiroku('--config', '/nowhere/kiroku.config.ts', 'status')).toBe(1);
  expect(printed.trim().split('\n')).toHaveLength(1);
});
