import { expect, it } from 'vitest';
import { inTreeOrder } from './tree-order.ts';

it('a tree is read parent first, siblings in the order they came', () => {
  const nodes = [
    { id: 'c', parentId: 'b' },
    { id: 'a', parentId: null },
    { id: 'b', parentId: 'a' },
    { id: 'z', parentId: null },
    { id: 'd', parentId: 'a' },
  ];
  expect(inTreeOrder(nodes).map(({ id, depth }) => `${id}${depth}`)).toEqual(['a1', 'b2', 'c3', 'd2', 'z1']);
});
