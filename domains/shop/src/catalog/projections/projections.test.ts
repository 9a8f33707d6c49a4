import { on, projectionScenario } from '@kiroku/testing';
import { describe, test } from 'vitest';
import { stock } from '../../inventory/decide.ts';
import {
  aCategory,
  anOrder,
  aProduct,
  beans,
  books,
  coffee,
  discontinued,
  eur,
  firstOrder,
  novels,
  received,
  released,
  reserved,
  twoBeans,
} from '../../shop.examples.ts';
import { category } from '../category/decide.ts';
import { product } from '../product/decide.ts';
import { categoryTree } from './category-tree.ts';
import { productList } from './product-list.ts';

const row = {
  id: beans,
  name: 'Beans',
  description: '',
  price: 1000,
  currency: 'EUR',
  category_id: coffee,
  discontinued: false,
  added_at: '2026-01-01T00:00:00.000Z',
};

describe('the product list', () => {
  const { given } = projectionScenario(productList);
  const added = aProduct(beans, 'Beans');

  test('has a row for each product', () => {
    given(added).thenRows('product', [row]).thenRows('stock', []);
  });

  test('follows name, description, price and category', () => {
    given(
      added,
      on(
        product,
        beans,
        { type: 'ProductRenamed', data: { productId: beans, name: 'Dark beans', previousName: 'Beans' } },
        { type: 'ProductDescribed', data: { productId: beans, description: 'Dark.' } },
        { type: 'ProductPriceChanged', data: { productId: beans, price: { amount: 900, currency: 'JPY' }, previousPrice: eur(1000) } },
        { type: 'ProductRecategorised', data: { productId: beans, categoryId: books, previousCategoryId: coffee } },
      ),
    ).thenRows('product', [{ ...row, name: 'Dark beans', description: 'Dark.', price: 900, currency: 'JPY', category_id: books }]);
  });

  test('keeps a discontinued product, marked', () => {
    given(added, discontinued(beans)).thenRows('product', [{ ...row, discontinued: true }]);
  });

  test('has the name and parent of each category in one row', () => {
    given(
      aCategory(books, 'Books'),
      aCategory(novels, 'Novels', [books]),
      aCategory(coffee, 'Coffee'),
      on(category, books, { type: 'CategoryRenamed', data: { categoryId: books, name: 'Reading', previousName: 'Books' } }),
      on(category, novels, {
        type: 'CategoryMoved',
        data: { categoryId: novels, parentId: coffee, previousParentId: books, ancestors: [coffee] },
      }),
      on(category, books, { type: 'CategoryDeleted', data: { categoryId: books, name: 'Reading', parentId: null } }),
    ).thenRows('category', [
      { id: novels, name: 'Novels', parent_id: coffee },
      { id: coffee, name: 'Coffee', parent_id: null },
    ]);
  });

  test('counts what is on hand, reserved and available', () => {
    given(
      anOrder(firstOrder, twoBeans),
      received(beans, 5),
      reserved(beans, firstOrder, 2),
      on(stock, beans, { type: 'StockAdjusted', data: { productId: beans, change: -1, reason: 'broken' } }),
    ).thenRows('stock', [{ product_id: beans, on_hand: 4, reserved: 2, available: 2 }]);
  });

  test('makes released pieces available again', () => {
    given(received(beans, 5), reserved(beans, firstOrder, 2), released(beans, firstOrder, 2)).thenRows('stock', [
      { product_id: beans, on_hand: 5, reserved: 0, available: 5 },
    ]);
  });
});

describe('the category tree', () => {
  const { given } = projectionScenario(categoryTree);

  test('has a row for each category that is there', () => {
    given(
      aCategory(books, 'Books'),
      aCategory(novels, 'Novels', [books]),
      on(category, novels, { type: 'CategoryRenamed', data: { categoryId: novels, name: 'Fiction', previousName: 'Novels' } }),
      aCategory(coffee, 'Coffee'),
      on(category, coffee, {
        type: 'CategoryMoved',
        data: { categoryId: coffee, parentId: books, previousParentId: null, ancestors: [books] },
      }),
      on(category, novels, { type: 'CategoryDeleted', data: { categoryId: novels, name: 'Fiction', parentId: books } }),
    ).thenRows('category', [
      { id: books, name: 'Books', parent_id: null },
      { id: coffee, name: 'Coffee', parent_id: books },
    ]);
  });

  test('counts the products on sale directly in each', () => {
    const moved = on(product, beans, {
      type: 'ProductRecategorised',
      data: { productId: beans, categoryId: books, previousCategoryId: coffee },
    });
    const two = [aProduct(beans, 'Beans'), aProduct(novels, 'Mug')];
    given(...two).thenRows('product_count', [{ category_id: coffee, products: 2 }]);
    given(...two, moved).thenRows('product_count', [
      { category_id: coffee, products: 1 },
      { category_id: books, products: 1 },
    ]);
    given(...two, moved, discontinued(beans, books)).thenRows('product_count', [{ category_id: coffee, products: 1 }]);
  });
});
