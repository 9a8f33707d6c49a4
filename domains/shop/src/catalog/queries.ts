import { anyRow, type Dependency, rowsListedBy, rowsWithKeys } from '@kiroku/core';
import * as z from 'zod';
import { id } from '../identity.ts';
import { currency } from '../money/currency.ts';
import { money } from '../money/money.ts';
import { defineQuery, pageOf, paging } from '../query.ts';
import { line } from '../text.ts';
import { categoryTree } from './projections/category-tree.ts';
import { productList } from './projections/product-list.ts';

const productView = z.strictObject({
  id,
  name: z.string(),
  description: z.string(),
  price: money,
  categoryId: id,
  /** Null for a discontinued product whose category was deleted. */
  categoryName: z.string().nullable(),
  discontinued: z.boolean(),
  stock: z.strictObject({ onHand: z.int(), reserved: z.int(), available: z.int() }),
  addedAt: z.iso.datetime(),
});

const categoryView = z.strictObject({
  id,
  name: z.string(),
  parentId: id.nullable(),
  /** Products on sale directly in it. */
  productCount: z.int(),
});

export const productSorts = ['name', 'price', 'newest'] as const;

const priceRange = z
  .strictObject({ currency, min: z.int().min(0).optional(), max: z.int().min(0).optional() })
  .refine(({ min = 0, max = Number.MAX_SAFE_INTEGER }) => min <= max, { path: ['max'], message: 'must not be below min' })
  .describe('In minor units. Leaves out products in other currencies.');

/** What is shown with the products: their stock, and the names of their categories. */
function shownWith(products: readonly z.output<typeof productView>[]): readonly Dependency[] {
  const categories = new Set(products.map(({ categoryId }) => categoryId));
  const stock = products.map((each) => ({ product_id: each.id }));
  const names = [...categories].map((categoryId) => ({ id: categoryId }));
  return [rowsWithKeys(productList, 'stock', stock), rowsWithKeys(productList, 'category', names)];
}

// categories change seldom, and what is above and below one may be any of them
const anyCategory = [anyRow(categoryTree, 'category'), anyRow(categoryTree, 'product_count')];

const product = defineQuery({
  name: 'product',
  description: 'One product, on sale or discontinued; null if there is none.',
  params: z.strictObject({ id }),
  result: productView.nullable(),
  reads: [productList],
  dependsOn: (params, found) => [rowsWithKeys(productList, 'product', [{ id: params.id }]), ...shownWith(found === null ? [] : [found])],
});

const products = defineQuery({
  name: 'products',
  description: 'Products by name, by price (one currency after the other) or the newest first.',
  params: z.strictObject({
    ...paging,
    categoryId: id.optional(),
    includeSubcategories: z.boolean().default(false).describe('Also of all categories below categoryId.'),
    search: line(100).optional().describe('Found in the name or description, whatever the case.'),
    price: priceRange.optional(),
    includeDiscontinued: z.boolean().default(false),
    sort: z.enum(productSorts).default('name'),
  }),
  result: pageOf(productView),
  reads: [productList],
  dependsOn: ({ categoryId, includeSubcategories }, { edges }) => {
    const shown = shownWith(edges.map(({ node }) => node));
    if (categoryId === undefined) return [anyRow(productList, 'product'), ...shown];
    if (includeSubcategories) return [anyRow(productList, 'product'), anyRow(productList, 'category'), ...shown];
    return [rowsListedBy(productList, 'product', 'category_id', categoryId), ...shown];
  },
});

const categories = defineQuery({
  name: 'categoryTree',
  description: 'All categories, each after its parent, siblings by name.',
  params: z.strictObject({}),
  result: z.array(categoryView.extend({ depth: z.int().min(1).describe('1 at the root.') })),
  reads: [categoryTree],
  dependsOn: () => anyCategory,
});

const category = defineQuery({
  name: 'category',
  description: 'One category with what is above and directly below it; null if there is none.',
  params: z.strictObject({ id }),
  result: categoryView
    .extend({
      ancestors: z.array(categoryView).describe('From the root down.'),
      children: z.array(categoryView).describe('By name.'),
    })
    .nullable(),
  reads: [categoryTree],
  dependsOn: () => anyCategory,
});

export const catalogQueries = { product, products, categoryTree: categories, category };
