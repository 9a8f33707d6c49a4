import { categoryTree as categoryTreeProjection, shopQueries } from '@kiroku/shop';
import { sql } from 'kysely';
import type { z } from 'zod';
import { answer } from '../answering/answer.ts';
import type { ReadTables } from '../answering/read-tables.ts';
import { inTreeOrder } from './tree-order.ts';

type CategoryView = z.output<typeof shopQueries.categoryTree.result>[number];

/** All categories in the order a tree is read: they are few, so they are put in order here. */
export const categoryTree = answer(shopQueries.categoryTree, {
  statement: (tables) =>
    tables
      .of(categoryTreeProjection)
      .selectFrom('category as c')
      .leftJoin('product_count as n', 'n.category_id', 'c.id')
      .select(['c.id', 'c.name', 'c.parent_id', 'n.products'])
      .orderBy('c.name')
      .orderBy('c.id'),
  result: (rows) => inTreeOrder(rows.map(toView)),
});

/** A category, what is above it and what is directly below it. */
export const category = answer(shopQueries.category, {
  statement: (tables, value) =>
    selectAround(
      tables,
      value(({ id }) => id),
    ),
  result: (rows) => {
    const self = rows.find(({ level }) => level === 0);
    if (self === undefined) return null;
    const ancestors = rows.filter(({ level }) => level > 0).sort((a, b) => b.level - a.level);
    const children = rows.filter(({ level }) => level < 0);
    return { ...toView(self), ancestors: ancestors.map(toView), children: children.map(toView) };
  },
});

/** The category at level 0, its ancestors above (1, 2, …) and its children at −1. */
function selectAround(tables: ReadTables, id: string) {
  return tables
    .of(categoryTreeProjection)
    .withRecursive('around', (db) =>
      db
        .selectFrom('category as c')
        .where('c.id', '=', id)
        .select(['c.id', 'c.name', 'c.parent_id', level(0).as('level')])
        .unionAll(
          db
            .selectFrom('category as up')
            .innerJoin('around as a', 'a.parent_id', 'up.id')
            .where('a.level', '<', mostLevels)
            .select(['up.id', 'up.name', 'up.parent_id', sql<number>`a.level + 1`.as('level')]),
        ),
    )
    .with('family', (db) =>
      db
        .selectFrom('around')
        .select(['around.id', 'around.name', 'around.parent_id', 'around.level'])
        .unionAll(
          db
            .selectFrom('category as below')
            .where('below.parent_id', '=', id)
            .select(['below.id', 'below.name', 'below.parent_id', level(-1).as('level')]),
        ),
    )
    .selectFrom('family as f')
    .leftJoin('product_count as n', 'n.category_id', 'f.id')
    .select(['f.id', 'f.name', 'f.parent_id', 'f.level', 'n.products'])
    .orderBy('f.name')
    .orderBy('f.id');
}

function level(value: number) {
  return sql<number>`${sql.lit(value)}::int`;
}

// Far more than the domain allows: ends the recursion whatever the rows say.
const mostLevels = 100;

function toView(row: { id: string; name: string; parent_id: string | null; products: number | null }): Omit<CategoryView, 'depth'> {
  return { id: row.id, name: row.name, parentId: row.parent_id, productCount: row.products ?? 0 };
}
