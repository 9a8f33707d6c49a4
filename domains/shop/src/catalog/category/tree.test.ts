import { scenarioId, World } from '@kiroku/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ShopCommand } from '../../shop.ts';
import { category } from './decide.ts';
import { maxDepth } from './tree.ts';

type CategoryCommand = 'CreateCategory' | 'MoveCategory' | 'DeleteCategory';
const ids = Array.from({ length: 26 }, (_, index) => scenarioId(index + 1));

/** To start from: two trees of seven levels, of which one fits under the third level of the other, but not under the fourth. */
const twoChains = ids.slice(0, 14).map((categoryId, index) => ({
  type: 'CreateCategory' as const,
  where: { categoryId, parentId: index % 7 === 0 ? null : (ids[index - 1] ?? null) },
}));

test('whatever is created, moved and deleted, there is no cycle, no orphan, nothing too deep, and every path is right', () => {
  // A parent is mostly the id before, so that deep trees come about; else any, or none.
  const place = fc
    .tuple(fc.nat(ids.length - 1), fc.oneof({ arbitrary: fc.constant('before'), weight: 3 }, fc.constantFrom(...ids), fc.constant(null)))
    .map(([index, parent]) => ({ categoryId: ids[index] ?? '', parentId: parent === 'before' ? (ids[index - 1] ?? null) : parent }));
  const type = fc.constantFrom<CategoryCommand>('CreateCategory', 'CreateCategory', 'MoveCategory', 'MoveCategory', 'DeleteCategory');
  const command = fc.record({ type, where: place });
  fc.assert(
    fc.property(fc.array(command, { minLength: 1, maxLength: 80, size: 'max' }), (commands) => {
      const world = new World({ aggregates: [category], processManagers: [] });
      const model = new Map<string, string | null>();
      for (const { type, where } of [...twoChains, ...commands]) {
        const { categoryId, parentId } = where;
        const decided = world.handle(stated(type, categoryId, parentId));
        if (decided.outcome !== 'decided') continue;
        for (const event of decided.events) {
          if (event.type === 'CategoryDeleted') model.delete(categoryId);
          else model.set(categoryId, parentId);
          const path = pathOf(model, categoryId);
          expect(path.length).toBeLessThan(maxDepth);
          if (event.type !== 'CategoryDeleted') expect(event.data.ancestors).toEqual(path);
        }
        for (const id of model.keys()) expect(pathOf(model, id).length).toBeLessThan(maxDepth);
      }
    }),
  );
});

/** The ancestors, nearest first. Throws for a cycle or a parent that is not there. */
function pathOf(model: ReadonlyMap<string, string | null>, categoryId: string, seen: readonly string[] = []): readonly string[] {
  const parent = model.get(categoryId) ?? null;
  if (parent === null) return seen;
  if (seen.includes(parent) || !model.has(parent))
    throw new Error(`${parent} is ${seen.includes(parent) ? 'its own ancestor' : 'not there'}`);
  return pathOf(model, parent, [...seen, parent]);
}

function stated(type: CategoryCommand, categoryId: string, parentId: string | null): ShopCommand {
  switch (type) {
    case 'CreateCategory':
      return { type, data: { categoryId, name: categoryId, parentId } };
    case 'MoveCategory':
      return { type, data: { categoryId, parentId } };
    case 'DeleteCategory':
      return { type, data: { categoryId } };
    default:
      return type satisfies never;
  }
}
