import { customerList, shopQueries } from '@kiroku/shop';
import { z } from 'zod';
import { answer } from '../answering/answer.ts';
import { decodeCursor, encodeCursor } from '../answering/cursor.ts';
import { containing, rowsAfter, textKey, toPage } from '../answering/keyset.ts';
import type { ReadSnapshot } from '../answering/read-snapshot.ts';

type CustomerRow = Awaited<ReturnType<ReturnType<typeof selectCustomers>['executeTakeFirstOrThrow']>>;

const key = z.tuple([textKey, textKey]);

/** One customer by their id. */
export const customer = answer(shopQueries.customer, async (snapshot, { id }) => {
  const row = await selectCustomers(snapshot).where('c.id', '=', id).executeTakeFirst();
  return row === undefined ? null : toView(row);
});

/** A page of customers by name. */
export const customers = answer(shopQueries.customers, async (snapshot, { search, first, after }) => {
  let query = selectCustomers(snapshot);
  if (search !== undefined) {
    const pattern = containing(search);
    query = query.where((at) => at.or([at('c.name', 'ilike', pattern), at('c.email', 'ilike', pattern)]));
  }
  if (after !== undefined) query = query.where(rowsAfter(['c.name', 'c.id'], decodeCursor('customers', key, after), 'asc'));
  const rows = await query
    .orderBy('c.name')
    .orderBy('c.id')
    .limit(first + 1)
    .execute();
  return toPage(rows, first, (row) => ({ cursor: encodeCursor('customers', [row.name, row.id]), node: toView(row) }));
});

function selectCustomers(snapshot: ReadSnapshot) {
  return snapshot.tables(customerList).selectFrom('customer as c').select(['c.id', 'c.name', 'c.email', 'c.registered_at']);
}

function toView(row: CustomerRow) {
  return { id: row.id, name: row.name, email: row.email, registeredAt: row.registered_at };
}
