import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { buildSchema, parse } from 'graphql';
import { expect, test } from 'vitest';
import { requireCheap } from './limits.ts';

setFlagsFromString('--expose_gc');
const gc: () => void = runInNewContext('gc');

test('the costs that are remembered of a document do not grow with the variables that come with it', () => {
  const schema = buildSchema('type Query { numbers(first: Int): [Int!]! }');
  const document = parse('query($first: Int) { numbers(first: $first) }');
  const ask = (of: number) => {
    const others = Array.from({ length: 5_000 }, (_, n) => [`x${n}of${of}`, n]);
    return requireCheap({ schema, document, variables: Object.fromEntries(others), maxCost: 100 });
  };
  ask(0);
  gc();
  const before = process.memoryUsage().heapUsed;
  for (let n = 1; n < 100; n += 1) ask(n);
  gc();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(2_000_000);
});
