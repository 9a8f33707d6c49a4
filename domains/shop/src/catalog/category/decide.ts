import { type Decide, defineAggregate } from '@kiroku/core';
import { refuse } from '../../rejections.ts';
import { categoryCommands } from './commands.ts';
import type { categoryEvents } from './events.ts';
import { type CategoryState, categoryState } from './evolve.ts';
import { ancestorsIn, ancestorsNow, heightOf, maxDepth, parentsOf } from './tree.ts';

const decide: Decide<CategoryState, typeof categoryCommands, typeof categoryEvents> = {
  CreateCategory: (state, { data }, { nameOwner, parent: [parent], moves: [moves = {}] }) => {
    const { categoryId, name, parentId } = data;
    if (state.status !== 'none') return refuse('CategoryExists', `The category id ${categoryId} is taken.`, { categoryId });
    if (nameOwner !== undefined) return nameTaken(name, nameOwner);
    if (parentId === null) return [{ type: 'CategoryCreated', data: { ...data, ancestors: [] } }];
    if (parent?.status !== 'present') return noParent(parentId);
    const ancestors = [parentId, ...ancestorsNow(parent.ancestors, moves)];
    return ancestors.length >= maxDepth ? tooDeep(ancestors.length + 1) : [{ type: 'CategoryCreated', data: { ...data, ancestors } }];
  },

  RenameCategory: (state, { data: { categoryId, name } }, { nameOwner }) => {
    if (state.status !== 'present') return notFound(categoryId);
    if (nameOwner !== undefined && nameOwner !== categoryId) return nameTaken(name, nameOwner);
    return state.name === name ? [] : [{ type: 'CategoryRenamed', data: { categoryId, name, previousName: state.name } }];
  },

  MoveCategory: (state, { data: { categoryId, parentId } }, { hierarchy }) => {
    if (state.status !== 'present') return notFound(categoryId);
    if (state.parentId === parentId) return [];
    const parents = parentsOf(hierarchy);
    if (parentId !== null && !parents.has(parentId)) return noParent(parentId);
    const ancestors = parentId === null ? [] : [parentId, ...ancestorsIn(parents, parentId)];
    if (ancestors.includes(categoryId)) {
      return refuse('CategoryCycle', `${state.name} cannot be moved under itself or a category below it.`, { categoryId, parentId });
    }
    const depth = ancestors.length + heightOf(parents, categoryId);
    if (depth > maxDepth) return tooDeep(depth);
    return [{ type: 'CategoryMoved', data: { categoryId, parentId, previousParentId: state.parentId, ancestors } }];
  },

  DeleteCategory: (state, { data: { categoryId } }, { children, products }) => {
    if (state.status !== 'present') return notFound(categoryId);
    if (children > 0) {
      return refuse('CategoryHasChildren', `${state.name} has ${children} child categories. Move or delete them first.`, { children });
    }
    if (products > 0) {
      return refuse('CategoryHasProducts', `${state.name} has ${products} products. Recategorise or discontinue them first.`, { products });
    }
    return [{ type: 'CategoryDeleted', data: { categoryId, name: state.name, parentId: state.parentId } }];
  },
};

function notFound(categoryId: string) {
  return refuse('CategoryNotFound', `There is no category ${categoryId}.`, { categoryId });
}

function noParent(parentId: string) {
  return refuse('ParentCategoryNotFound', `There is no category ${parentId} to put it under.`, { parentId });
}

function nameTaken(name: string, categoryId: string) {
  return refuse('CategoryNameTaken', `Another category is called "${name}" already.`, { name, categoryId });
}

function tooDeep(depth: number) {
  return refuse('CategoryTooDeep', `Categories may be nested at most ${maxDepth} deep; this would make ${depth}.`, { depth, maxDepth });
}

export const category = defineAggregate({ ...categoryState, commands: categoryCommands, decide });
