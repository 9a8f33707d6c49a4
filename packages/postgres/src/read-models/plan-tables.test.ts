import { defineEvents, defineProjection } from '@kiroku/core';
import { anySchema } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { planIndexes, planTables } from './plan-tables.ts';
import { declaredColumns } from './table-sql.ts';

const projection = defineProjection({
  name: 'stock-list',
  version: 3,
  events: defineEvents({ Received: { schema: anySchema<{ readonly id: string }>() } }),
  tables: {
    stock: {
      columns: { shop: 'text key', id: 'text key', on_hand: 'integer', open: 'boolean?', at: 'timestamp', day: 'date?', more: 'json' },
      indexes: [['at', 'id']],
      on: {},
    },
  },
});

test('a table is created with its key and indexes', () => {
  expect(planTables('stock_list_v3', projection)).toEqual([
    'create table "stock_list_v3"."stock" ("shop" text not null, "id" text not null, "on_hand" bigint not null, "open" boolean, ' +
      '"at" timestamp with time zone not null, "day" date, "more" jsonb)',
    'alter table "stock_list_v3"."stock" add primary key ("shop", "id")',
    expect.stringMatching(/^create index if not exists "stock_[0-9a-f]{12}_idx" on "stock_list_v3"."stock" \("at", "id"\)$/),
  ]);
});

test('a table that is there as declared only gets the indexes it may lack', () => {
  expect(planIndexes('stock_list_v3', projection, stored())).toEqual([expect.stringMatching(/^create index if not exists/)]);
});

test('a table that is not there is a difference', () => {
  expect(() => planIndexes('stock_list_v3', projection, [])).toThrow(/the table stock is not there/);
});

test('a key in another order is a difference', () => {
  const swapped = stored().map((column) => (column.key === null ? column : { ...column, key: 1 - column.key }));
  expect(() => planIndexes('stock_list_v3', projection, swapped)).toThrow(
    /stock\.shop is text not null key 2, declared as text not null key 1/,
  );
});

test('a table that is not declared any more is a difference', () => {
  const other = { table: 'gone', column: 'id', type: 'text', required: true, key: 0 };
  expect(() => planIndexes('stock_list_v3', projection, [...stored(), other])).toThrow(
    /the table gone is not declared any more.*raise the projection's version to 4/,
  );
});

function stored() {
  const { stock } = projection.tables;
  if (stock === undefined) throw new Error('it was declared above');
  return declaredColumns(stock).map((column) => ({ ...column, table: 'stock' }));
}
