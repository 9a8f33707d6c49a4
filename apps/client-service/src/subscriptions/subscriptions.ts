import type { LogPosition } from '@kiroku/core';
import { ask, type GatewayContext, type Watched } from '../graphql/context.ts';
import { toOrder } from '../graphql/views.ts';
import { closable } from './closable.ts';
import { followRow } from './follow-row.ts';

interface RowSource<Args, View> {
  readonly watched: (args: Args) => Watched;
  readonly read: (args: Args, position: LogPosition, context: GatewayContext) => Promise<View>;
}

/** A subscription field whose events are the values of a row. */
function rowChanges<Args, View>({ watched, read }: RowSource<Args, View>) {
  return {
    subscribe: (_: unknown, args: Args, context: GatewayContext) =>
      closable((signal) =>
        followRow({ looks: context.changes(watched(args), signal), read: (position) => read(args, position, context), signal }),
      ),
    resolve: (value: View) => value,
  };
}

/** Resolvers of the subscriptions. */
export const subscriptions = {
  orderChanged: rowChanges({
    watched: ({ orderId }: { readonly orderId: string }) => ({ projection: 'order-summary', tables: { customer_order: orderId } }),
    read: async ({ orderId }, position, context) => {
      const order = await ask(context, 'order', { id: orderId }, { atLeast: position });
      return order && toOrder(order);
    },
  }),
  productChanged: rowChanges({
    watched: ({ productId }: { readonly productId: string }) => ({
      projection: 'product-list',
      tables: { product: productId, stock: productId, category: 'any' }, // the name of its category is shown
    }),
    read: ({ productId }, position, context) => ask(context, 'product', { id: productId }, { atLeast: position }),
  }),
};
