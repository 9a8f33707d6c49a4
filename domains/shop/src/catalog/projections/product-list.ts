import { defineProjection } from '@kiroku/core';
import { stockEvents } from '../../inventory/events.ts';
import { categoryEvents } from '../category/events.ts';
import { productEvents } from '../product/events.ts';

/** Products with what a list of them shows. Category names and stock stand in tables of their own and are joined, so that a rename touches one row. */
export const productList = defineProjection({
  name: 'product-list',
  version: 1,
  events: { ...productEvents, ...categoryEvents, ...stockEvents },
  tables: {
    product: {
      columns: {
        id: 'text key',
        name: 'text',
        description: 'text',
        price: 'integer',
        currency: 'text',
        category_id: 'text',
        discontinued: 'boolean',
        added_at: 'timestamp',
      },
      indexes: [
        ['name', 'id'],
        ['currency', 'price', 'id'],
        ['added_at', 'id'],
        ['category_id', 'name', 'id'],
      ],
      listedBy: ['category_id'],
      on: {
        ProductAdded: {
          keys: ({ data }) => ({ id: data.productId }),
          fold: (_, { data, recordedAt }) => ({
            id: data.productId,
            name: data.name,
            description: data.description,
            price: data.price.amount,
            currency: data.price.currency,
            category_id: data.categoryId,
            discontinued: false,
            added_at: recordedAt,
          }),
        },
        ProductRenamed: {
          keys: ({ data }) => ({ id: data.productId }),
          fold: (row, { data }) => row && { ...row, name: data.name },
        },
        ProductDescribed: {
          keys: ({ data }) => ({ id: data.productId }),
          fold: (row, { data }) => row && { ...row, description: data.description },
        },
        ProductPriceChanged: {
          keys: ({ data }) => ({ id: data.productId }),
          fold: (row, { data }) => row && { ...row, price: data.price.amount, currency: data.price.currency },
        },
        ProductRecategorised: {
          keys: ({ data }) => ({ id: data.productId }),
          fold: (row, { data }) => row && { ...row, category_id: data.categoryId },
        },
        ProductDiscontinued: {
          keys: ({ data }) => ({ id: data.productId }),
          fold: (row) => row && { ...row, discontinued: true },
        },
      },
    },
    category: {
      columns: { id: 'text key', name: 'text', parent_id: 'text?' },
      indexes: [['parent_id']],
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
    /** No row: nothing was ever received. */
    stock: {
      columns: { product_id: 'text key', on_hand: 'integer', reserved: 'integer', available: 'integer' },
      on: {
        StockReceived: {
          keys: ({ data }) => ({ product_id: data.productId }),
          fold: (row, { data }) => stocked(row, data.productId, data.quantity, 0),
        },
        StockAdjusted: {
          keys: ({ data }) => ({ product_id: data.productId }),
          fold: (row, { data }) => stocked(row, data.productId, data.change, 0),
        },
        StockReserved: {
          keys: ({ data }) => ({ product_id: data.productId }),
          fold: (row, { data }) => stocked(row, data.productId, 0, data.quantity),
        },
        StockReleased: {
          keys: ({ data }) => ({ product_id: data.productId }),
          fold: (row, { data }) => stocked(row, data.productId, 0, -data.quantity),
        },
      },
    },
  },
});

type StockRow = { readonly product_id: string; readonly on_hand: number; readonly reserved: number; readonly available: number };

function stocked(row: StockRow | undefined, productId: string, pieces: number, reservedPieces: number): StockRow {
  const onHand = (row?.on_hand ?? 0) + pieces;
  const reserved = (row?.reserved ?? 0) + reservedPieces;
  return { product_id: productId, on_hand: onHand, reserved, available: onHand - reserved };
}
