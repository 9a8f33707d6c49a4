import { expect, test, vi } from 'vitest';
import { print, printError, printJson, printTable } from './print.ts';

test.each([
  ['a line', () => print('\u001b[2J')],
  ['a line of an error', () => printError('\u001b[2J')],
  ['a cell', () => printTable(['fault'], [['\u001b[2J']])],
  ['JSON', () => printJson('\u001b[2J')],
])('%s that steers the terminal is printed so that it does not', (_, act) => {
  const printed: string[] = [];
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation((text) => printed.push(String(text)) > 0),
  );
  act();
  for (const spy of spies) spy.mockRestore();
  expect(printed.join('')).toContain('\\u001b[2J');
});
