import type { StateDefinition } from '@kiroku/core';
import { categoryEvents } from './events.ts';

export type CategoryState =
  | { readonly status: 'none' | 'deleted' }
  | { readonly status: 'present'; readonly name: string; readonly parentId: string | null; readonly ancestors: readonly string[] };

type Present = Extract<CategoryState, { readonly status: 'present' }>;

/** Applies a change to a category that is there; there is none before its creation. */
function change(state: CategoryState, changes: Partial<Present>): CategoryState {
  return state.status === 'present' ? { ...state, ...changes } : state;
}

/** A category's state, also for the commands of others. */
export const categoryState: StateDefinition<CategoryState, typeof categoryEvents> = {
  name: 'category',
  events: categoryEvents,
  initialState: { status: 'none' },
  evolve: {
    CategoryCreated: (_, { data: { name, parentId, ancestors } }) => ({ status: 'present', name, parentId, ancestors }),
    CategoryRenamed: (state, { data }) => change(state, { name: data.name }),
    CategoryMoved: (state, { data: { parentId, ancestors } }) => change(state, { parentId, ancestors }),
    CategoryDeleted: () => ({ status: 'deleted' }),
  },
};
