import { randomUUID } from 'node:crypto';

/** An order event as the shop would write it: about 330 bytes of JSON with its metadata. */
export function orderPlaced() {
  const id = randomUUID();
  return {
    type: 'OrderPlaced',
    data: {
      orderId: id,
      customerId: randomUUID(),
      lines: [{ productId: randomUUID(), name: 'Kettle, 1.7 l', quantity: 2, unitPrice: 3990 }],
      total: { amount: 7980, currency: 'EUR' },
      placedAt: '2026-11-24T10:00:00.000Z',
    },
    metadata: { correlationId: id, actor: 'customer' },
  };
}
