import { command, readAggregate } from '@kiroku/core';
import * as z from 'zod';
import { id } from '../../identity.ts';
import { line } from '../../text.ts';
import { categoryState } from './evolve.ts';
import { readChildCount, readNameOwner, readProductCount } from './reads.ts';
import { normaliseName } from './tags.ts';
import { readHierarchy, readMoves } from './tree.ts';

const name = line(80)
  .refine((text) => normaliseName(text).length > 0, { error: 'must have visible characters', abort: true })
  .refine((text) => normaliseName(text).length <= 200, 'is too long when its special characters are spelled out') // it becomes a tag
  .describe('Unique among all categories, whatever the case and spacing.');

/** Absent or null: at the root. */
const parentId = id.nullable().default(null);

export const categoryCommands = {
  CreateCategory: command({
    description: 'Creates a category, at the root or under a parent.',
    schema: z.strictObject({ categoryId: id, name, parentId }),
    target: (data) => data.categoryId,
    creates: true,
    reads: (data) => ({
      nameOwner: readNameOwner(data.name),
      parent: data.parentId === null ? [] : [readAggregate(categoryState, data.parentId)],
      moves: data.parentId === null ? [] : [readMoves()],
    }),
  }),
  RenameCategory: command({
    description: 'Gives a category another name.',
    schema: z.strictObject({ categoryId: id, name }),
    target: (data) => data.categoryId,
    reads: (data) => ({ nameOwner: readNameOwner(data.name) }),
  }),
  MoveCategory: command({
    description: 'Puts a category, with all below it, under another parent or at the root.',
    schema: z.strictObject({ categoryId: id, parentId }),
    target: (data) => data.categoryId,
    reads: () => ({ hierarchy: readHierarchy() }),
  }),
  DeleteCategory: command({
    description: 'Deletes a category that has no child categories and no products on sale.',
    schema: z.strictObject({ categoryId: id }),
    target: (data) => data.categoryId,
    reads: (data) => ({ children: readChildCount(data.categoryId), products: readProductCount(data.categoryId) }),
  }),
};
