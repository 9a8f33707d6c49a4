import type { Rejection } from '@kiroku/core';
import { refuse } from '../rejections.ts';

export function orderNotFound(orderId: string): Rejection {
  return refuse('OrderNotFound', `There is no order ${orderId}.`, { orderId });
}

export function orderAlreadySettled(status: 'confirmed' | 'cancelled', orderId: string): Rejection {
  return status === 'confirmed'
    ? refuse('OrderAlreadyConfirmed', 'The order has been confirmed already.', { orderId })
    : refuse('OrderAlreadyCancelled', 'The order has been cancelled already.', { orderId });
}
