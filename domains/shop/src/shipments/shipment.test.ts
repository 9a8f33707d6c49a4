import { nothing, on, rejected, scenario } from '@kiroku/testing';
import { describe, test } from 'vitest';
import { ada, aPaidOrder, cancelled, confirmed, firstOrder, oneMug } from '../shop.examples.ts';
import { shipment } from './decide.ts';

const { given } = scenario(shipment);
const orderId = firstOrder;
const ordered = aPaidOrder(orderId, oneMug);
const request = { orderId, customerId: ada, pieces: 1 };
const answer = { orderId, shipmentId: 's-1', trackingCode: 't-1' };
const requested = on(shipment, orderId, { type: 'ShipmentRequested', data: request });
const arranged = on(shipment, orderId, { type: 'ShipmentArranged', data: answer });
const declined = on(shipment, orderId, { type: 'ShipmentDeclined', data: { orderId, code: 'TooFar' } });
const cancelling = on(shipment, orderId, { type: 'ShipmentCancellationRequested', data: { orderId } });
const over = on(shipment, orderId, { type: 'ShipmentCancelled', data: { orderId } });

describe('arranging a shipment', () => {
  const arrange = { type: 'ArrangeShipment', data: request } as const;
  const answered = { type: 'RecordArrangement', data: { ...answer, outcome: 'arranged' } } as const;

  test('is requested, also again while there is no answer, and not once there is one', () => {
    given(ordered).when(arrange).then({ type: 'ShipmentRequested', data: request });
    given(ordered, requested).when(arrange).then({ type: 'ShipmentRequested', data: request });
    given(ordered, requested, arranged).when(arrange).then(nothing);
  });

  test('is recorded as it was answered, unless it was given up meanwhile', () => {
    given(ordered, requested).when(answered).then({ type: 'ShipmentArranged', data: answer });
    given(ordered, requested)
      .when({ type: 'RecordArrangement', data: { orderId, outcome: 'declined', code: 'TooFar' } })
      .then({ type: 'ShipmentDeclined', data: { orderId, code: 'TooFar' } });
    given(ordered, requested, cancelling).when(answered).then(nothing);
  });

  test('is refused when it was declined or given up, and for an order that is not open', () => {
    given(ordered, requested, declined).when(arrange).then(rejected('ShipmentNotOpen'));
    given(ordered, cancelling).when(arrange).then(rejected('ShipmentNotOpen'));
    given().when(arrange).then(rejected('OrderNotFound'));
    given(ordered, cancelled(orderId, oneMug)).when(arrange).then(rejected('OrderAlreadyCancelled'));
  });
});

describe('cancelling a shipment', () => {
  const cancel = { type: 'CancelShipment', data: { orderId } } as const;

  test('is requested whether or not it is known to be arranged, and recorded', () => {
    for (const past of [[ordered], [ordered, requested], [ordered, requested, arranged], [ordered, cancelling]]) {
      given(...past)
        .when(cancel)
        .then({ type: 'ShipmentCancellationRequested', data: { orderId } });
    }
    given(ordered, cancelling)
      .when({ type: 'RecordShipmentCancellation', data: { orderId } })
      .then({ type: 'ShipmentCancelled', data: { orderId } });
  });

  test('does nothing when nobody will bring it', () => {
    given(ordered, requested, declined).when(cancel).then(nothing);
    given(ordered, cancelling, over).when(cancel).then(nothing);
  });

  test('is refused for a confirmed order', () => {
    given(ordered, requested, arranged, confirmed(orderId, oneMug)).when(cancel).then(rejected('OrderAlreadyConfirmed'));
  });
});
