// One key for each effect of an order, as for payments.

export function arrangementKey(orderId: string): string {
  return `arrange:${orderId}`;
}

export function cancellationKey(orderId: string): string {
  return `cancel:${orderId}`;
}
