import { type Read, readEvents } from '@kiroku/core';
import { categoryEvents } from './events.ts';

/** How deep categories may be nested; a root is at depth 1. */
export const maxDepth = 10;

/** Where each category that was ever moved stands: its ancestors at its last move, nearest first. */
export type Moves = { readonly [categoryId: string]: readonly string[] };

/** Every move so far. Categories are moved seldom, so creating one hardly ever conflicts with this. */
export function readMoves(): Read<Moves> {
  return readEvents({
    events: categoryEvents,
    query: [{ types: ['CategoryMoved'] }],
    initial: {} as Moves, // widens the empty object
    fold: { CategoryMoved: (moves, { data }) => ({ ...moves, [data.categoryId]: data.ancestors }) },
  });
}

/** The ancestors now, nearest first, of a category that last recorded `known`: what was moved since has newer ones. */
export function ancestorsNow(known: readonly string[], moves: Moves): readonly string[] {
  const [parent, ...above] = known;
  return parent === undefined ? [] : [parent, ...ancestorsNow(moves[parent] ?? above, moves)];
}

/** Every change of the hierarchy, newest first; no parent at all (not even the root, `null`): deleted. Linked, not copied, so that reading n changes costs n steps. */
export type Hierarchy =
  | { readonly categoryId: string; readonly parentId: string | null | undefined; readonly before: Hierarchy }
  | undefined;

/** The whole tree, for moves: they alone can make a cycle or push a subtree down. */
export function readHierarchy(): Read<Hierarchy> {
  return readEvents({
    events: categoryEvents,
    query: [{ types: ['CategoryCreated', 'CategoryMoved', 'CategoryDeleted'] }],
    initial: undefined as Hierarchy, // widens
    fold: {
      CategoryCreated: (before, { data }) => ({ categoryId: data.categoryId, parentId: data.parentId, before }),
      CategoryMoved: (before, { data }) => ({ categoryId: data.categoryId, parentId: data.parentId, before }),
      CategoryDeleted: (before, { data }) => ({ categoryId: data.categoryId, parentId: undefined, before }),
    },
  });
}

/** The parent of each category that is there. */
export type Parents = ReadonlyMap<string, string | null>;

export function parentsOf(hierarchy: Hierarchy): Parents {
  const latest = new Map<string, string | null | undefined>();
  for (let change = hierarchy; change !== undefined; change = change.before) {
    if (!latest.has(change.categoryId)) latest.set(change.categoryId, change.parentId);
  }
  return new Map([...latest].filter((entry): entry is [string, string | null] => entry[1] !== undefined));
}

/** The ancestors of a category, nearest first. */
export function ancestorsIn(parents: Parents, categoryId: string): readonly string[] {
  const parent = parents.get(categoryId) ?? null;
  return parent === null ? [] : [parent, ...ancestorsIn(parents, parent)];
}

/** How many levels the subtree under a category has, itself included. */
export function heightOf(parents: Parents, categoryId: string): number {
  const children = [...parents].filter(([, parent]) => parent === categoryId);
  return 1 + Math.max(0, ...children.map(([child]) => heightOf(parents, child)));
}
