import { expect, test } from 'vitest';
import { printedBy } from '../printed-by.test-service.ts';

test.each([
  [['--level', 'loud'], '"loud" is no level'],
  [['--grep', '('], 'cannot be read'],
  [['--since', 'yesterday'], 'how long ago'],
  [['--tail', 'some'], 'whole number'],
  [['level', 'all', 'loud'], 'one of trace'],
  [['level', 'all', 'debug', '--for', '2d'], '1s to 24h'],
])('logs %j is a usage error', async (args, message) => {
  const { code, printed } = await printedBy(['node', 'kiroku', 'logs', ...args]);
  expect(code).toBe(2);
  expect(printed).toContain(message);
});
