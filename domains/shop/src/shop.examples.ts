import { type EventDefinitions, type EventOf, type Sending, streamName } from '@kiroku/core';
import { category } from './catalog/category/decide.ts';
import { product } from './catalog/product/decide.ts';
import { customer } from './customers/decide.ts';
import { stock } from './inventory/decide.ts';
import { order } from './orders/decide.ts';

// What the scenarios of the shop start from. Not part of the build.
export const books = '00000000-0000-7000-8000-0000000b00c5';
export const novels = '00000000-0000-7000-8000-000000040e15';
export const coffee = '00000000-0000-7000-8000-000000c0ffee';
export const beans = '00000000-0000-7000-8000-0000000bea45';
export const mug = '00000000-0000-7000-8000-000000000c09';
export const ada = '00000000-0000-7000-8000-000000000ada';
export const bob = '00000000-0000-7000-8000-000000000b0b';
export const firstOrder = '00000000-0000-7000-8000-0000000000d1';
export const secondOrder = '00000000-0000-7000-8000-0000000000d2';
export const unknown = '00000000-0000-7000-8000-00000000dead';

export const eur = (amount: number) => ({ amount, currency: 'EUR' });

/** An event of an aggregate, as the scenarios of @kiroku/testing take it; that package itself is for tests only. */
function on<E extends EventDefinitions>(aggregate: { readonly name: string; readonly events: E }, id: string, event: EventOf<E>) {
  return { stream: streamName(aggregate.name, id), definitions: aggregate.events, events: [event] };
}

/** A category under the given ones, nearest first. */
export function aCategory(categoryId: string, name: string, ancestors: readonly string[] = []) {
  const data = { categoryId, name, parentId: ancestors[0] ?? null, ancestors: [...ancestors] };
  return on(category, categoryId, { type: 'CategoryCreated', data });
}

export function aProduct(productId: string, name: string, price = eur(1000), categoryId = coffee) {
  return on(product, productId, { type: 'ProductAdded', data: { productId, name, description: '', price, categoryId } });
}

export function discontinued(productId: string, categoryId = coffee) {
  return on(product, productId, { type: 'ProductDiscontinued', data: { productId, categoryId } });
}

export function received(productId: string, quantity: number) {
  return on(stock, productId, { type: 'StockReceived', data: { productId, quantity } });
}

export function reserved(productId: string, orderId: string, quantity: number) {
  return on(stock, productId, { type: 'StockReserved', data: { productId, orderId, quantity } });
}

export function released(productId: string, orderId: string, quantity: number) {
  return on(stock, productId, { type: 'StockReleased', data: { productId, orderId, quantity } });
}

export function aCustomer(customerId: string, name: string, email: string) {
  return on(customer, customerId, { type: 'CustomerRegistered', data: { customerId, name, email } });
}

export interface Line {
  readonly productId: string;
  readonly name: string;
  readonly quantity: number;
}
export const twoBeans: Line = { productId: beans, name: 'Beans', quantity: 2 };
export const oneMug: Line = { productId: mug, name: 'Mug', quantity: 1 };

/** What every event of an order of these lines repeats, at 10 euro apiece. */
export function placement(orderId: string, lines: readonly Line[]) {
  const itemCount = lines.reduce((sum, { quantity }) => sum + quantity, 0);
  return { orderId, customerId: ada, total: eur(itemCount * 1000), itemCount, placedAt: '2026-03-01T09:30:00.000Z' };
}

/** An order as it was placed before orders were paid for. */
export function anOrder(orderId: string, ...lines: readonly Line[]) {
  return placedWith(null, orderId, lines);
}

export function aPaidOrder(orderId: string, ...lines: readonly Line[]) {
  return placedWith('visa-1', orderId, lines);
}

function placedWith(paymentToken: string | null, orderId: string, lines: readonly Line[]) {
  const priced = lines.map((line) => ({ ...line, unitPrice: eur(1000), lineTotal: eur(line.quantity * 1000) }));
  return on(order, orderId, { type: 'OrderPlaced', data: { ...placement(orderId, lines), lines: priced, paymentToken } });
}

export function confirmed(orderId: string, ...lines: readonly Line[]) {
  return on(order, orderId, { type: 'OrderConfirmed', data: { ...placement(orderId, lines), confirmedAt: '2026-03-02T08:00:00.000Z' } });
}

export function cancelled(orderId: string, ...lines: readonly Line[]) {
  const data = { ...placement(orderId, lines), reason: 'changed my mind', cancelledAt: '2026-03-02T08:00:00.000Z' };
  return on(order, orderId, { type: 'OrderCancelled', data });
}

/** What is recorded of a payment service and a carrier of which each declines if `declines` says so. */
export function outside(declines: () => boolean = () => false) {
  const answered = (type: string, ...[otherwise, declined = otherwise]: readonly [object, object?]) => {
    const answer = declines() ? declined : otherwise;
    return ({ data }: Sending): Sending => ({ type, data: { orderId: (data as { readonly orderId: string }).orderId, ...answer } }); // every call is about an order
  };
  const declined = { outcome: 'declined', code: 'NoFunds' };
  return {
    AuthorisePayment: answered('RecordAuthorisation', { outcome: 'authorised', paymentId: 'p-1' }, declined),
    CapturePayment: answered('RecordCapture', { outcome: 'captured' }, declined),
    VoidPayment: answered('RecordVoid', {}),
    RefundPayment: answered('RecordRefund', {}),
    ArrangeShipment: answered('RecordArrangement', { outcome: 'arranged', shipmentId: 's-1', trackingCode: 't-1' }, declined),
    CancelShipment: answered('RecordShipmentCancellation', {}),
  };
}
