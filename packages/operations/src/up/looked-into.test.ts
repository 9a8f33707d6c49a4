import { expect, test } from 'vitest';
import { hasOpenedDebugger, isTraced } from './looked-into.ts';

test('a process in which a debugger was opened says so itself', () => {
  expect(hasOpenedDebugger('Debugger listening on ws://127.0.0.1:9229/0f2c\nFor help, see: https://nodejs.org/en/docs/inspector\n')).toBe(
    true,
  );
  expect(hasOpenedDebugger('')).toBe(false);
});

test('nobody traces this one', async () => {
  expect(await isTraced(process.pid)).toBe(false);
});
