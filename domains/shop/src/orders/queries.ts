import { anyRow, type Dependency, rowsListedBy, rowsWithKeys } from '@kiroku/core';
import * as z from 'zod';
import { customerList } from '../customers/projections/customer-list.ts';
import { id } from '../identity.ts';
import { money, moneySum } from '../money/money.ts';
import { defineQuery, pageOf, paging } from '../query.ts';
import { orderLine } from './events.ts';
import { orderSummary } from './projections/order-summary.ts';
import { salesPerDay } from './projections/sales-per-day.ts';

export const orderStatuses = ['placed', 'confirmed', 'cancelled'] as const;

const orderView = z.strictObject({
  id,
  customerId: id,
  /** The customer's present name. */
  customerName: z.string().nullable(),
  status: z.enum(orderStatuses),
  lines: z.array(orderLine),
  itemCount: z.int(),
  total: money,
  /** Why it was cancelled. */
  reason: z.string().nullable(),
  placedAt: z.iso.datetime(),
  /** When it was confirmed or cancelled. */
  settledAt: z.iso.datetime().nullable(),
});

/** The names of the customers are shown with the orders. */
function namesWith(orders: readonly z.output<typeof orderView>[]): Dependency {
  const ids = new Set(orders.map(({ customerId }) => customerId));
  const keys = [...ids].map((id) => ({ id }));
  return rowsWithKeys(customerList, 'customer', keys);
}

const order = defineQuery({
  name: 'order',
  description: 'One order; null if there is none.',
  params: z.strictObject({ id }),
  result: orderView.nullable(),
  reads: [orderSummary, customerList],
  dependsOn: ({ id }, found) => [rowsWithKeys(orderSummary, 'customer_order', [{ id }]), namesWith(found === null ? [] : [found])],
});

const orders = defineQuery({
  name: 'orders',
  description: 'Orders, the newest first.',
  params: z.strictObject({ ...paging, status: z.enum(orderStatuses).optional() }),
  result: pageOf(orderView),
  reads: [orderSummary, customerList],
  dependsOn: (_, { edges }) => [anyRow(orderSummary, 'customer_order'), namesWith(edges.map(({ node }) => node))],
});

const ordersByCustomer = defineQuery({
  name: 'ordersByCustomer',
  description: 'The orders of a customer, the newest first.',
  params: z.strictObject({ ...paging, customerId: id }),
  result: pageOf(orderView),
  reads: [orderSummary, customerList],
  dependsOn: ({ customerId }) => [
    rowsListedBy(orderSummary, 'customer_order', 'customer_id', customerId),
    rowsWithKeys(customerList, 'customer', [{ id: customerId }]),
  ],
});

const longest = 366;
const dayMs = 86_400_000;
// PostgreSQL has no year 0
const day = z.iso.date().refine((text) => text >= '0001-01-01', 'must not be before the year 1');

const sales = defineQuery({
  name: 'salesPerDay',
  description: 'Confirmed orders by the day (UTC) they were placed on, for each currency; days without any are left out.',
  params: z
    .strictObject({ from: day, to: day.describe('Included.') })
    .refine(({ from, to }) => from <= to, { path: ['to'], message: 'must not be before from' })
    .refine(({ from, to }) => Date.parse(to) - Date.parse(from) < longest * dayMs, {
      path: ['to'],
      message: `must be less than ${longest} days after from`,
    }),
  result: z.array(z.strictObject({ day: z.iso.date(), revenue: moneySum, orders: z.int(), items: z.int() })),
  reads: [salesPerDay],
  dependsOn: () => [anyRow(salesPerDay, 'day')],
});

export const orderQueries = { order, orders, ordersByCustomer, salesPerDay: sales };
