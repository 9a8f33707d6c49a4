import { type Read, readEvents } from '@kiroku/core';
import { stockEvents } from './events.ts';
import { orderTag, reservationTag } from './tags.ts';

/** How many pieces of a product are reserved for an order. */
export function readReservation(orderId: string, productId: string): Read<number> {
  return readEvents({
    events: stockEvents,
    query: [{ tags: [reservationTag(orderId, productId)] }],
    initial: 0,
    fold: {
      StockReserved: (held, { data }) => held + data.quantity,
      StockReleased: (held, { data }) => held - data.quantity,
    },
  });
}

/** Pieces reserved for an order, by product. */
export type Reservations = { readonly [productId: string]: number };

export function readReservations(orderId: string): Read<Reservations> {
  return readEvents({
    events: stockEvents,
    query: [{ tags: [orderTag(orderId)] }],
    initial: {} as Reservations, // widens the empty object
    fold: {
      StockReserved: (held, { data }) => ({ ...held, [data.productId]: (held[data.productId] ?? 0) + data.quantity }),
      StockReleased: (held, { data }) => ({ ...held, [data.productId]: (held[data.productId] ?? 0) - data.quantity }),
    },
  });
}
