/** Found on all reservations of an order. */
export function orderTag(orderId: string): string {
  return `stock-order:${orderId}`;
}

/** Found on the reservation of one product for an order. */
export function reservationTag(orderId: string, productId: string): string {
  return `reservation:${orderId}:${productId}`;
}
