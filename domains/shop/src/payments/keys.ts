// One key for each effect of an order, whoever asks for it and however often: a second try is the same payment.

export function authorisationKey(orderId: string): string {
  return `authorise:${orderId}`;
}

export function captureKey(orderId: string): string {
  return `capture:${orderId}`;
}

export function voidKey(orderId: string): string {
  return `void:${orderId}`;
}

export function refundKey(orderId: string): string {
  return `refund:${orderId}`;
}
