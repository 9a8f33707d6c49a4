import { ask, type GatewayContext } from './context.ts';
import type { Payload } from './mutations.ts';
import { toOrder } from './views.ts';

const id = (payload: Payload) => payload.id;

/** Resolvers of what a mutation answers: the thing itself is read only if it is asked for, and at the mutation's position. */
export const payloads = {
  CategoryPayload: {
    categoryId: id,
    category: ({ id, position }: Payload, _: unknown, context: GatewayContext) => ask(context, 'category', { id }, { atLeast: position }),
  },
  ProductPayload: {
    productId: id,
    product: ({ id, position }: Payload, _: unknown, context: GatewayContext) => ask(context, 'product', { id }, { atLeast: position }),
  },
  CustomerPayload: {
    customerId: id,
    customer: ({ id, position }: Payload, _: unknown, context: GatewayContext) => ask(context, 'customer', { id }, { atLeast: position }),
  },
  OrderPayload: {
    orderId: id,
    order: async ({ id, position }: Payload, _: unknown, context: GatewayContext) => {
      const order = await ask(context, 'order', { id }, { atLeast: position });
      return order && toOrder(order);
    },
  },
};
