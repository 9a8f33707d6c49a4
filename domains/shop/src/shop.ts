import { type CommandOf, defineApplication, type EventOf, type Send } from '@kiroku/core';
import { categoryCommands } from './catalog/category/commands.ts';
import { category } from './catalog/category/decide.ts';
import { categoryEvents } from './catalog/category/events.ts';
import { productCommands } from './catalog/product/commands.ts';
import { product } from './catalog/product/decide.ts';
import { productEvents } from './catalog/product/events.ts';
import { categoryTree } from './catalog/projections/category-tree.ts';
import { productList } from './catalog/projections/product-list.ts';
import { catalogQueries } from './catalog/queries.ts';
import { customerCommands } from './customers/commands.ts';
import { customer } from './customers/decide.ts';
import { customerEvents } from './customers/events.ts';
import { customerList } from './customers/projections/customer-list.ts';
import { customerQueries } from './customers/queries.ts';
import { stockCommands } from './inventory/commands.ts';
import { stock } from './inventory/decide.ts';
import { stockEvents } from './inventory/events.ts';
import { orderCommands } from './orders/commands.ts';
import { order } from './orders/decide.ts';
import { orderEvents } from './orders/events.ts';
import { fulfilment } from './orders/fulfilment.ts';
import { orderSummary } from './orders/projections/order-summary.ts';
import { salesPerDay } from './orders/projections/sales-per-day.ts';
import { orderQueries } from './orders/queries.ts';
import { paymentCommands } from './payments/commands.ts';
import { payment } from './payments/decide.ts';
import { paymentEvents } from './payments/events.ts';
import { shipmentCommands } from './shipments/commands.ts';
import { shipment } from './shipments/decide.ts';
import { shipmentEvents } from './shipments/events.ts';

/** The whole shop: what is bought and sold, how it is kept, and how orders are fulfilled. */
export const shop = defineApplication({
  name: 'shop',
  aggregates: [category, product, stock, customer, order, payment, shipment],
  projections: [productList, categoryTree, customerList, orderSummary, salesPerDay],
  processManagers: [fulfilment],
});

export const shopCommands = {
  ...categoryCommands,
  ...productCommands,
  ...stockCommands,
  ...customerCommands,
  ...orderCommands,
  ...paymentCommands,
  ...shipmentCommands,
};
export const shopEvents = {
  ...categoryEvents,
  ...productEvents,
  ...stockEvents,
  ...customerEvents,
  ...orderEvents,
  ...paymentEvents,
  ...shipmentEvents,
};
export const shopQueries = { ...catalogQueries, ...customerQueries, ...orderQueries };

/** A command of the shop as a caller states it. */
export type ShopCommand = Send<CommandOf<typeof shopCommands>>;
export type ShopEvent = EventOf<typeof shopEvents>;
