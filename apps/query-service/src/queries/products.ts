import { productList, shopQueries } from '@kiroku/shop';
import { sql } from 'kysely';
import { z } from 'zod';
import { answer } from '../answering/answer.ts';
import { decodeCursor, encodeCursor } from '../answering/cursor.ts';
import { containing, instantKey, integerKey, rowsAfter, textKey, toPage } from '../answering/keyset.ts';
import type { ReadSnapshot } from '../answering/read-snapshot.ts';

type Params = z.output<typeof shopQueries.products.params>;

/** How each order of the list is sorted, and what its cursors hold. The columns are those of an index. */
const sorts = {
  name: { columns: ['p.name', 'p.id'], direction: 'asc', key: z.tuple([textKey, textKey]), of: (row: ProductRow) => [row.name, row.id] },
  price: {
    columns: ['p.currency', 'p.price', 'p.id'],
    direction: 'asc',
    key: z.tuple([textKey, integerKey, textKey]),
    of: (row: ProductRow) => [row.currency, row.price, row.id],
  },
  newest: {
    columns: ['p.added_at', 'p.id'],
    direction: 'desc',
    key: z.tuple([instantKey, textKey]),
    of: (row: ProductRow) => [row.added_at, row.id],
  },
} as const;

type ProductRow = Awaited<ReturnType<ReturnType<typeof selectProducts>['executeTakeFirstOrThrow']>>;

/** One product by its id. */
export const product = answer(shopQueries.product, async (snapshot, { id }) => {
  const row = await selectProducts(snapshot).where('p.id', '=', id).executeTakeFirst();
  return row === undefined ? null : toView(row);
});

/** A page of products, in one statement. */
export const products = answer(shopQueries.products, async (snapshot, params) => {
  const { columns, direction, key, of } = sorts[params.sort];
  const list = `products by ${params.sort}`;
  let query = filtered(selectProducts(snapshot), snapshot, params);
  if (params.after !== undefined)
    query = query.where(rowsAfter(columns, decodeCursor<z.ZodType<(string | number)[]>>(list, key, params.after), direction));
  for (const column of columns) query = query.orderBy(sql.ref(column), direction);
  const rows = await query.limit(params.first + 1).execute();
  return toPage(rows, params.first, (row) => ({ cursor: encodeCursor(list, of(row)), node: toView(row) }));
});

function selectProducts(snapshot: ReadSnapshot) {
  return snapshot
    .tables(productList)
    .selectFrom('product as p')
    .leftJoin('category as c', 'c.id', 'p.category_id')
    .leftJoin('stock as s', 's.product_id', 'p.id')
    .select(['p.id', 'p.name', 'p.description', 'p.price', 'p.currency', 'p.category_id', 'p.discontinued', 'p.added_at'])
    .select(['c.name as category_name', 's.on_hand', 's.reserved', 's.available']);
}

function filtered<Q extends ReturnType<typeof selectProducts>>(query: Q, snapshot: ReadSnapshot, params: Params) {
  const { categoryId, includeSubcategories, search, price, includeDiscontinued } = params;
  let found: ReturnType<typeof selectProducts> = query;
  if (!includeDiscontinued) found = found.where('p.discontinued', '=', false);
  if (categoryId !== undefined && !includeSubcategories) found = found.where('p.category_id', '=', categoryId);
  if (categoryId !== undefined && includeSubcategories) found = found.where('p.category_id', 'in', subtree(snapshot, categoryId));
  if (search !== undefined) {
    const pattern = containing(search);
    found = found.where((at) => at.or([at('p.name', 'ilike', pattern), at('p.description', 'ilike', pattern)]));
  }
  if (price !== undefined) {
    found = found.where('p.currency', '=', price.currency);
    if (price.min !== undefined) found = found.where('p.price', '>=', price.min);
    if (price.max !== undefined) found = found.where('p.price', '<=', price.max);
  }
  return found;
}

/** The ids of a category and everything below it. `union` drops repetitions, so that it ends whatever the rows say. */
function subtree(snapshot: ReadSnapshot, categoryId: string) {
  return snapshot
    .tables(productList)
    .withRecursive('below', (db) =>
      db
        .selectFrom('category')
        .where('category.id', '=', categoryId)
        .select('category.id')
        .union(db.selectFrom('category as child').innerJoin('below', 'below.id', 'child.parent_id').select('child.id')),
    )
    .selectFrom('below')
    .select('below.id');
}

function toView(row: ProductRow): z.output<typeof shopQueries.products.result>['edges'][number]['node'] {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    price: { amount: row.price, currency: row.currency },
    categoryId: row.category_id,
    categoryName: row.category_name,
    discontinued: row.discontinued,
    stock: { onHand: row.on_hand ?? 0, reserved: row.reserved ?? 0, available: row.available ?? 0 },
    addedAt: row.added_at,
  };
}
