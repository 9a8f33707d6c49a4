import { productList, shopQueries } from '@kiroku/shop';
import { sql } from 'kysely';
import { z } from 'zod';
import { answer } from '../answering/answer.ts';
import { encodeCursor } from '../answering/cursor.ts';
import { containing, instantKey, integerKey, keyLater, rowsAfter, textKey, toPage } from '../answering/keyset.ts';
import type { ValueOf } from '../answering/read-statement.ts';
import type { ReadTables } from '../answering/read-tables.ts';

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
export const product = answer(shopQueries.product, {
  isQuick: () => true,
  statement: (tables, value) =>
    selectProducts(tables).where(
      'p.id',
      '=',
      value(({ id }) => id),
    ),
  result: ([row]) => (row === undefined ? null : toView(row)),
});

/** A page of products. */
export const products = answer(shopQueries.products, {
  shape: ({ sort, after, categoryId, includeSubcategories, search, price, includeDiscontinued }) => ({
    sort,
    goesOn: after !== undefined,
    category: categoryShape(categoryId, includeSubcategories),
    searches: search !== undefined,
    price: price && { hasMin: price.min !== undefined, hasMax: price.max !== undefined },
    includeDiscontinued,
  }),
  isQuick: ({ category, searches, price }) => category !== 'below' && !searches && price === undefined,
  statement: (tables, value, shape) => {
    const { columns, direction, key } = sorts[shape.sort];
    const cursorKey: z.ZodType<(string | number)[]> = key;
    let query = filtered(selectProducts(tables), { tables, value, shape });
    if (shape.goesOn) query = query.where(rowsAfter(columns, keyLater(listName(shape.sort), cursorKey, value, columns.length), direction));
    for (const column of columns) query = query.orderBy(sql.ref(column), direction);
    return query.limit(value(({ first }) => first + 1));
  },
  result: (rows, { sort, first }) =>
    toPage(rows, first, (row) => ({ cursor: encodeCursor(listName(sort), sorts[sort].of(row)), node: toView(row) })),
});

function categoryShape(id: string | undefined, includeSubcategories: boolean): Filter['category'] {
  if (id === undefined) return 'any';
  return includeSubcategories ? 'below' : 'itself';
}

/** What its cursors call the list. */
function listName(sort: keyof typeof sorts): string {
  return `products by ${sort}`;
}

function selectProducts(tables: ReadTables) {
  return tables
    .of(productList)
    .selectFrom('product as p')
    .leftJoin('category as c', 'c.id', 'p.category_id')
    .leftJoin('stock as s', 's.product_id', 'p.id')
    .select(['p.id', 'p.name', 'p.description', 'p.price', 'p.currency', 'p.category_id', 'p.discontinued', 'p.added_at'])
    .select(['c.name as category_name', 's.on_hand', 's.reserved', 's.available']);
}

interface Filter {
  readonly category: 'any' | 'itself' | 'below';
  readonly searches: boolean;
  readonly price: { readonly hasMin: boolean; readonly hasMax: boolean } | undefined;
  readonly includeDiscontinued: boolean;
}

function filtered(
  query: ReturnType<typeof selectProducts>,
  { tables, value, shape }: { readonly tables: ReadTables; readonly value: ValueOf<Params>; readonly shape: Filter },
) {
  const categoryId = value((params) => params.categoryId ?? '');
  let found = query;
  if (!shape.includeDiscontinued) found = found.where('p.discontinued', '=', false);
  if (shape.category === 'itself') found = found.where('p.category_id', '=', categoryId);
  if (shape.category === 'below') found = found.where('p.category_id', 'in', subtree(tables, categoryId));
  if (shape.searches) {
    const pattern = value(({ search }) => containing(search ?? ''));
    found = found.where((at) => at.or([at('p.name', 'ilike', pattern), at('p.description', 'ilike', pattern)]));
  }
  if (shape.price === undefined) return found;
  found = found.where(
    'p.currency',
    '=',
    value(({ price }) => price?.currency ?? ''),
  );
  if (shape.price.hasMin)
    found = found.where(
      'p.price',
      '>=',
      value(({ price }) => price?.min ?? 0),
    );
  if (shape.price.hasMax)
    found = found.where(
      'p.price',
      '<=',
      value(({ price }) => price?.max ?? 0),
    );
  return found;
}

/** The ids of a category and everything below it. `union` drops repetitions, so that it ends whatever the rows say. */
function subtree(tables: ReadTables, categoryId: string) {
  return tables
    .of(productList)
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
