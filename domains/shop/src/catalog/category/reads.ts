import { type Read, readEvents } from '@kiroku/core';
import { productEvents } from '../product/events.ts';
import { categoryEvents } from './events.ts';
import { childTag, nameTag, normaliseName, productTag } from './tags.ts';

/** The category that has this name now, in any spelling. */
export function readNameOwner(name: string): Read<string | undefined> {
  const wanted = normaliseName(name);
  return readEvents({
    events: categoryEvents,
    query: [{ tags: [nameTag(name)] }],
    initial: undefined as string | undefined, // widens
    fold: {
      CategoryCreated: (_, { data }) => data.categoryId,
      CategoryRenamed: (_, { data }) => (normaliseName(data.name) === wanted ? data.categoryId : undefined),
      CategoryDeleted: () => undefined,
    },
  });
}

/** How many categories are directly under this one. */
export function readChildCount(categoryId: string): Read<number> {
  return readEvents({
    events: categoryEvents,
    query: [{ tags: [childTag(categoryId)] }],
    initial: 0,
    fold: {
      CategoryCreated: (count) => count + 1,
      CategoryMoved: (count, { data }) => (data.parentId === categoryId ? count + 1 : count - 1),
      CategoryDeleted: (count) => count - 1,
    },
  });
}

/** How many products on sale are in this category. */
export function readProductCount(categoryId: string): Read<number> {
  return readEvents({
    events: productEvents,
    query: [{ tags: [productTag(categoryId)] }],
    initial: 0,
    fold: {
      ProductAdded: (count) => count + 1,
      ProductRecategorised: (count, { data }) => (data.categoryId === categoryId ? count + 1 : count - 1),
      ProductDiscontinued: (count) => count - 1,
    },
  });
}
