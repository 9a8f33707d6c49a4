import { customerList, shopQueries } from '@kiroku/shop';
import { z } from 'zod';
import { answer } from '../answering/answer.ts';
import { encodeCursor } from '../answering/cursor.ts';
import { containing, keyLater, rowsAfter, textKey, toPage } from '../answering/keyset.ts';
import type { ReadTables } from '../answering/read-tables.ts';

type CustomerRow = Awaited<ReturnType<ReturnType<typeof selectCustomers>['executeTakeFirstOrThrow']>>;

const key = z.tuple([textKey, textKey]);

/** One customer by their id. */
export const customer = answer(shopQueries.customer, {
  isQuick: () => true,
  statement: (tables, value) =>
    selectCustomers(tables).where(
      'c.id',
      '=',
      value(({ id }) => id),
    ),
  result: ([row]) => (row === undefined ? null : toView(row)),
});

/** A page of customers by name. */
export const customers = answer(shopQueries.customers, {
  shape: ({ search, after }) => ({ searches: search !== undefined, goesOn: after !== undefined }),
  statement: (tables, value, { searches, goesOn }) => {
    const pattern = value(({ search }) => containing(search ?? ''));
    return selectCustomers(tables)
      .$if(searches, (query) => query.where((at) => at.or([at('c.name', 'ilike', pattern), at('c.email', 'ilike', pattern)])))
      .$if(goesOn, (query) => query.where(rowsAfter(['c.name', 'c.id'], keyLater('customers', key, value), 'asc')))
      .orderBy('c.name')
      .orderBy('c.id')
      .limit(value(({ first }) => first + 1));
  },
  result: (rows, { first }) => toPage(rows, first, (row) => ({ cursor: encodeCursor('customers', [row.name, row.id]), node: toView(row) })),
});

function selectCustomers(tables: ReadTables) {
  return tables.of(customerList).selectFrom('customer as c').select(['c.id', 'c.name', 'c.email', 'c.registered_at']);
}

function toView(row: CustomerRow) {
  return { id: row.id, name: row.name, email: row.email, registeredAt: row.registered_at };
}
