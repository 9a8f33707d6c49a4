import { type Decide, type Decision, defineAggregate, type EventOf } from '@kiroku/core';
import { sameMoney } from '../../money/money.ts';
import { refuse } from '../../rejections.ts';
import type { CategoryState } from '../category/evolve.ts';
import { productCommands } from './commands.ts';
import type { productEvents } from './events.ts';
import { type ProductState, productState } from './evolve.ts';

type Known = Exclude<ProductState, { readonly status: 'none' }>;
type Change = Decision<EventOf<typeof productEvents>>;

const decide: Decide<ProductState, typeof productCommands, typeof productEvents> = {
  AddProduct: (state, { data }, { category }) => {
    const { productId, categoryId } = data;
    if (state.status !== 'none') return refuse('ProductExists', `The product id ${productId} is taken.`, { productId });
    return category.status === 'present' ? [{ type: 'ProductAdded', data }] : noCategory(categoryId);
  },

  RenameProduct: (state, { data: { productId, name } }) =>
    ifSold(state, productId, (product) =>
      product.name === name ? [] : [{ type: 'ProductRenamed', data: { productId, name, previousName: product.name } }],
    ),

  DescribeProduct: (state, { data }) =>
    ifSold(state, data.productId, (product) => (product.description === data.description ? [] : [{ type: 'ProductDescribed', data }])),

  ChangeProductPrice: (state, { data: { productId, price } }) =>
    ifSold(state, productId, (product) =>
      sameMoney(product.price, price)
        ? refuse('PriceUnchanged', `${product.name} has this price already.`, { productId })
        : [{ type: 'ProductPriceChanged', data: { productId, price, previousPrice: product.price } }],
    ),

  RecategoriseProduct: (state, { data: { productId, categoryId } }, { category }) =>
    ifSold(state, productId, (product) => recategorise(product, productId, categoryId, category)),

  DiscontinueProduct: (state, { data: { productId } }, { stock }) =>
    ifSold(state, productId, (product) =>
      stock.onHand > 0
        ? refuse('ProductHasStock', `${stock.onHand} of ${product.name} are on hand. Sell them or adjust the stock to none first.`, {
            onHand: stock.onHand,
          })
        : [{ type: 'ProductDiscontinued', data: { productId, categoryId: product.categoryId } }],
    ),
};

/** What `change` makes of a product on sale, or the refusal if it is not. */
function ifSold(state: ProductState, productId: string, change: (product: Known) => Change): Change {
  if (state.status === 'none') return refuse('ProductNotFound', `There is no product ${productId}.`, { productIds: [productId] });
  if (state.status === 'discontinued') {
    return refuse('ProductIsDiscontinued', `${state.name} is no longer sold.`, { productIds: [productId] });
  }
  return change(state);
}

function recategorise(product: Known, productId: string, categoryId: string, category: CategoryState): Change {
  if (category.status !== 'present') return noCategory(categoryId);
  if (product.categoryId === categoryId) return [];
  return [{ type: 'ProductRecategorised', data: { productId, categoryId, previousCategoryId: product.categoryId } }];
}

function noCategory(categoryId: string) {
  return refuse('CategoryNotFound', `There is no category ${categoryId}.`, { categoryId });
}

export const product = defineAggregate({ ...productState, commands: productCommands, decide });
