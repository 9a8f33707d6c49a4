import { expect, test } from 'vitest';
import { printedBy } from '../printed-by.test-service.ts';

test.each([
  [['warmup'], '--entities <names>'],
  [['warmup', '--entities', 'products,'], 'names with commas'],
  [['warmup', '--entities', 'products', '--limit', '0'], 'whole number'],
  [['stats', '--remote', 'gateway'], 'must be a URL'],
  [['clera'], 'Did you mean clear?'],
])('cache %j is a usage error', async (args, message) => {
  const { code, printed } = await printedBy(['node', 'kiroku', 'cache', ...args]);
  expect(code).toBe(2);
  expect(printed).toContain(message);
});
