import type { Answer } from '../answering/answer.ts';
import { category, categoryTree } from './categories.ts';
import { customer, customers } from './customers.ts';
import { order, orders, ordersByCustomer } from './orders.ts';
import { product, products } from './products.ts';
import { salesPerDay } from './sales.ts';

/** Every query of the shop, answered. */
export const answers: readonly Answer[] = [
  product,
  products,
  categoryTree,
  category,
  order,
  orders,
  ordersByCustomer,
  customer,
  customers,
  salesPerDay,
];
