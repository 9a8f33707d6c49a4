import type { LogPosition } from '@kiroku/core';
import type { RequestContext } from '@kiroku/service';
import type { GatewayContext, Watched } from '../graphql/context.ts';
import { toOrder } from '../graphql/views.ts';
import type { QueryOptions, Services } from '../upstream/services.ts';
import type { FollowedRows } from './followed-rows.ts';

/** What a subscription works with. */
export interface SubscriberContext extends GatewayContext {
  readonly rows: FollowedRows;
}

interface RowField<Args, View> {
  readonly watched: (args: Args) => Watched;
  readonly read: (services: Services, args: Args, options: QueryOptions) => Promise<View>;
}

/** A subscription field whose events are the values of a row. Whoever asks for the same one follows it together, whatever they select of it. */
function rowChanges<Args, View>(field: string, { watched, read }: RowField<Args, View>) {
  return {
    subscribe: async (_: unknown, args: Args, { services, changes, rows, session, request }: SubscriberContext) => {
      const atLeast = session.atLeast(undefined);
      const place = rows.enter();
      try {
        // first for itself: what a client claims to have written must not become a fault for all
        if (atLeast !== undefined) await read(services, args, { atLeast, context: request });
      } catch (error) {
        place.leave();
        throw error;
      }
      const source = () => ({
        looks: (signal: AbortSignal) => changes(watched(args), signal),
        read: (position: LogPosition) => read(services, args, { atLeast: reached(position), context: onBehalfOfAll(request) }),
      });
      return rows.follow(`${field} ${JSON.stringify(args)}`, source, { atLeast, place });
    },
    resolve: (value: View) => value,
  };
}

function reached(position: LogPosition): LogPosition | undefined {
  return position.position === 0 ? undefined : position;
}

/** Followed under the id of whoever was first, and in nobody's name. */
function onBehalfOfAll({ correlationId }: RequestContext): RequestContext {
  return { correlationId };
}

/** Resolvers of the subscriptions. */
export const subscriptions = {
  orderChanged: rowChanges('orderChanged', {
    watched: ({ orderId }: { readonly orderId: string }) => ({ projection: 'order-summary', tables: { customer_order: orderId } }),
    read: async (services, { orderId }, options) => {
      const order = await services.query('order', { id: orderId }, options);
      return order && toOrder(order);
    },
  }),
  productChanged: rowChanges('productChanged', {
    watched: ({ productId }: { readonly productId: string }) => ({
      projection: 'product-list',
      tables: { product: productId, stock: productId, category: 'any' }, // the name of its category is shown
    }),
    read: (services, { productId }, options) => services.query('product', { id: productId }, options),
  }),
};
