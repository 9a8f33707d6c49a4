import type { StateDefinition } from '@kiroku/core';
import type { Money } from '../../money/money.ts';
import { productEvents } from './events.ts';

export type ProductState =
  | { readonly status: 'none' }
  | {
      readonly status: 'sold' | 'discontinued';
      readonly name: string;
      readonly description: string;
      readonly price: Money;
      readonly categoryId: string;
    };

type Known = Exclude<ProductState, { readonly status: 'none' }>;

/** Applies a change to a product that is there; there is none before it is added. */
function change(state: ProductState, changes: Partial<Known>): ProductState {
  return state.status === 'none' ? state : { ...state, ...changes };
}

/** A product's state, also for the commands of others. */
export const productState: StateDefinition<ProductState, typeof productEvents> = {
  name: 'product',
  events: productEvents,
  initialState: { status: 'none' },
  evolve: {
    ProductAdded: (_, { data: { name, description, price, categoryId } }) => ({ status: 'sold', name, description, price, categoryId }),
    ProductRenamed: (state, { data }) => change(state, { name: data.name }),
    ProductDescribed: (state, { data }) => change(state, { description: data.description }),
    ProductPriceChanged: (state, { data }) => change(state, { price: data.price }),
    ProductRecategorised: (state, { data }) => change(state, { categoryId: data.categoryId }),
    ProductDiscontinued: (state) => change(state, { status: 'discontinued' }),
  },
};
