import { anyRow, rowsWithKeys } from '@kiroku/core';
import * as z from 'zod';
import { id } from '../identity.ts';
import { defineQuery, pageOf, paging } from '../query.ts';
import { line } from '../text.ts';
import { customerList } from './projections/customer-list.ts';

const customerView = z.strictObject({ id, name: z.string(), email: z.string(), registeredAt: z.iso.datetime() });

const customer = defineQuery({
  name: 'customer',
  description: 'One customer; null if there is none.',
  params: z.strictObject({ id }),
  result: customerView.nullable(),
  reads: [customerList],
  dependsOn: ({ id }) => [rowsWithKeys(customerList, 'customer', [{ id }])],
});

const customers = defineQuery({
  name: 'customers',
  description: 'Customers by name.',
  params: z.strictObject({ ...paging, search: line(100).optional().describe('Found in the name or e-mail address, whatever the case.') }),
  result: pageOf(customerView),
  reads: [customerList],
  dependsOn: () => [anyRow(customerList, 'customer')],
});

export const customerQueries = { customer, customers };
