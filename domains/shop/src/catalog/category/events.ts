import { defineEvents } from '@kiroku/core';
import * as z from 'zod';
import { id } from '../../identity.ts';
import { line } from '../../text.ts';
import { childOf, nameTag } from './tags.ts';

const name = line(80);
/** The categories above, nearest first. */
const ancestors = z.array(id);

export const categoryEvents = defineEvents({
  CategoryCreated: {
    schema: z.strictObject({ categoryId: id, name, parentId: id.nullable(), ancestors }),
    tags: (data) => [nameTag(data.name), ...childOf(data.parentId)],
  },
  CategoryRenamed: {
    schema: z.strictObject({ categoryId: id, name, previousName: name }),
    tags: (data) => distinct([nameTag(data.name), nameTag(data.previousName)]),
  },
  CategoryMoved: {
    schema: z.strictObject({ categoryId: id, parentId: id.nullable(), previousParentId: id.nullable(), ancestors }),
    tags: (data) => [...childOf(data.parentId), ...childOf(data.previousParentId)],
  },
  CategoryDeleted: {
    schema: z.strictObject({ categoryId: id, name, parentId: id.nullable() }),
    tags: (data) => [nameTag(data.name), ...childOf(data.parentId)],
  },
});

function distinct(tags: readonly string[]): readonly string[] {
  return [...new Set(tags)];
}
