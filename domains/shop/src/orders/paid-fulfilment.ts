import { defineSaga } from '@kiroku/core';
import { stockCommands } from '../inventory/commands.ts';
import { stockEvents } from '../inventory/events.ts';
import { paymentCommands } from '../payments/commands.ts';
import { paymentEvents } from '../payments/events.ts';
import { shipmentCommands } from '../shipments/commands.ts';
import { shipmentEvents } from '../shipments/events.ts';
import { asLine } from '../text.ts';
import { orderCommands } from './commands.ts';
import { orderEvents } from './events.ts';

const overRejections = ['OrderNotFound', 'OrderAlreadyCancelled', 'OrderAlreadyConfirmed'];
/** Undoing goes on for about half an hour before people are asked. */
const patiently = { timeoutMs: 30_000, retry: { attempts: 60, baseMs: 500, capMs: 30_000 } };

/**
 * Reserves the stock of a placed order, has its payment authorised and its shipment arranged, takes the payment and confirms. What cannot be
 * done, or is cancelled in the middle, is undone in reverse. Reservations expire with the whole after a quarter of an hour.
 */
export const paidFulfilment = defineSaga({
  name: 'fulfilment',
  events: { ...orderEvents, ...stockEvents, ...paymentEvents, ...shipmentEvents },
  commands: { ...orderCommands, ...stockCommands, ...paymentCommands, ...shipmentCommands },
  correlate: ({ data }) => ('orderId' in data ? data.orderId : undefined),
  startsOn: {
    OrderPlaced: ({ data: { orderId, customerId, lines, itemCount, total, paymentToken } }) => ({
      orderId,
      customerId,
      lines: lines.map(({ productId, name, quantity }) => ({ productId, name, quantity })),
      pieces: itemCount,
      amount: { ...total },
      token: paymentToken ?? '',
      paymentId: '',
    }),
  },
  learns: { PaymentAuthorised: (asked, { data: { paymentId } }) => ({ ...asked, paymentId }) },
  cancelsOn: { OrderCancelled: ({ data }) => data.reason },
  deadlineMs: 15 * 60_000,
  steps: [
    {
      name: 'reserve stock',
      parts: ({ lines }) => lines.map(({ productId }) => productId),
      title: ({ lines }, part) => lines.find(({ productId }) => productId === part)?.name ?? part,
      command: {
        type: 'ReserveStock',
        data: ({ orderId, lines }, { part }) => ({
          productId: part,
          orderId,
          quantity: lines.find(({ productId }) => productId === part)?.quantity ?? 0,
        }),
      },
      success: { StockReserved: ({ data }) => data.productId },
      timeoutMs: 30_000,
      retry: { attempts: 3, baseMs: 1_000, capMs: 5_000, notOn: ['InsufficientStock', 'NotOrdered', ...overRejections] },
      undo: {
        command: { type: 'ReleaseStock', data: ({ orderId }, { part }) => ({ productId: part, orderId }) },
        success: { StockReleased: ({ data }) => data.productId },
        nothingIfNoEvents: true,
        ...patiently,
      },
    },
    {
      name: 'authorise payment',
      parts: ({ amount }) => (amount.amount > 0 ? [''] : []),
      command: { type: 'AuthorisePayment', data: ({ orderId, amount, token }) => ({ orderId, amount, token }) },
      success: { PaymentAuthorised: true },
      failure: { PaymentDeclined: ({ data }) => ({ reason: `The payment was declined: ${data.code}.` }) },
      timeoutMs: 60_000,
      retry: { attempts: 2, baseMs: 2_000, capMs: 10_000, notOn: ['PaymentDeclined', 'PaymentNotOpen', ...overRejections] },
      undo: {
        command: { type: 'VoidPayment', data: ({ orderId }) => ({ orderId }) },
        success: { PaymentVoided: true },
        nothingIfNoEvents: true,
        ...patiently,
      },
    },
    {
      name: 'arrange shipment',
      command: { type: 'ArrangeShipment', data: ({ orderId, customerId, pieces }) => ({ orderId, customerId, pieces }) },
      success: { ShipmentArranged: true },
      failure: { ShipmentDeclined: ({ data }) => ({ reason: `The carrier declined: ${data.code}.` }) },
      timeoutMs: 45_000,
      retry: {
        attempts: 3,
        baseMs: 1_000,
        capMs: 5_000,
        growth: 'linear',
        notOn: ['ShipmentDeclined', 'ShipmentNotOpen', ...overRejections],
      },
      undo: {
        command: { type: 'CancelShipment', data: ({ orderId }) => ({ orderId }) },
        success: { ShipmentCancelled: true },
        nothingIfNoEvents: true,
        ...patiently,
      },
    },
    {
      // It waits for the answer: whether money was taken must be known before anything is undone.
      name: 'capture payment',
      parts: ({ amount }) => (amount.amount > 0 ? [''] : []),
      command: { type: 'CapturePayment', data: ({ orderId, paymentId }) => ({ orderId, paymentId }) },
      success: { PaymentCaptured: true },
      failure: { CaptureDeclined: ({ data }) => ({ reason: `The payment could not be taken: ${data.code}.` }) },
      retry: { attempts: 5, baseMs: 500, capMs: 2_000, notOn: ['CaptureDeclined', 'PaymentNotOpen', ...overRejections] },
      undo: {
        command: { type: 'RefundPayment', data: ({ orderId, paymentId }) => ({ orderId, paymentId }) },
        success: { PaymentRefunded: true },
        nothingIfNoEvents: true,
        ...patiently,
      },
    },
    {
      name: 'confirm order',
      command: { type: 'ConfirmOrder', data: ({ orderId }) => ({ orderId }) },
      success: { OrderConfirmed: true },
      retry: {
        attempts: 5,
        baseMs: 500,
        capMs: 2_000,
        growth: 'constant',
        notOn: ['StockNotReserved', 'PaymentMissing', ...overRejections],
      },
    },
  ],
  undo: {
    command: { type: 'CancelOrder', data: ({ orderId }, { reason }) => ({ orderId, reason: asLine(reason, 200) }) },
    success: { OrderCancelled: true },
    notNeededOn: ['OrderAlreadyCancelled'],
    ...patiently,
  },
});
