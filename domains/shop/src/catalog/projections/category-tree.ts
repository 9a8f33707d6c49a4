import { defineProjection } from '@kiroku/core';
import { categoryEvents } from '../category/events.ts';
import { productEvents } from '../product/events.ts';

/** The categories with their parents, and how many products on sale are directly in each. */
export const categoryTree = defineProjection({
  name: 'category-tree',
  version: 1,
  events: { ...categoryEvents, ...productEvents },
  tables: {
    category: {
      columns: { id: 'text key', name: 'text', parent_id: 'text?' },
      indexes: [['parent_id', 'name', 'id']],
      on: {
        CategoryCreated: {
          keys: ({ data }) => ({ id: data.categoryId }),
          fold: (_, { data }) => ({ id: data.categoryId, name: data.name, parent_id: data.parentId }),
        },
        CategoryRenamed: {
          keys: ({ data }) => ({ id: data.categoryId }),
          fold: (row, { data }) => row && { ...row, name: data.name },
        },
        CategoryMoved: {
          keys: ({ data }) => ({ id: data.categoryId }),
          fold: (row, { data }) => row && { ...row, parent_id: data.parentId },
        },
        CategoryDeleted: { keys: ({ data }) => ({ id: data.categoryId }), fold: () => undefined },
      },
    },
    /** No row: no products. */
    product_count: {
      columns: { category_id: 'text key', products: 'integer' },
      on: {
        ProductAdded: {
          keys: ({ data }) => ({ category_id: data.categoryId }),
          fold: (row, { data }) => counted(row, data.categoryId, 1),
        },
        ProductRecategorised: {
          keys: ({ data }) => [{ category_id: data.categoryId }, { category_id: data.previousCategoryId }],
          fold: (row, { data }, key) => counted(row, key.category_id, key.category_id === data.categoryId ? 1 : -1),
        },
        ProductDiscontinued: {
          keys: ({ data }) => ({ category_id: data.categoryId }),
          fold: (row, { data }) => counted(row, data.categoryId, -1),
        },
      },
    },
  },
});

type CountRow = { readonly category_id: string; readonly products: number };

function counted(row: CountRow | undefined, categoryId: string, change: number): CountRow | undefined {
  const products = (row?.products ?? 0) + change;
  return products === 0 ? undefined : { category_id: categoryId, products };
}
