import { reject } from '@kiroku/core';
import { processScenario, recordedAs, refusal } from '@kiroku/testing';
import { describe, expect, test } from 'vitest';
import { anOrder, beans, cancelled, confirmed, firstOrder, mug, oneMug, released, reserved, twoBeans } from '../shop.examples.ts';
import { fulfilment } from './fulfilment.ts';

const { given } = processScenario(fulfilment);
const placed = anOrder(firstOrder, twoBeans, oneMug);
const beansReserved = reserved(beans, firstOrder, 2);
const mugReserved = reserved(mug, firstOrder, 1);
const reserveBeans = { type: 'ReserveStock', data: { productId: beans, orderId: firstOrder, quantity: 2 } };
const reserveMug = { type: 'ReserveStock', data: { productId: mug, orderId: firstOrder, quantity: 1 } };
const releaseBeans = { type: 'ReleaseStock', data: { productId: beans, orderId: firstOrder } };
const releaseMug = { type: 'ReleaseStock', data: { productId: mug, orderId: firstOrder } };
const confirm = { type: 'ConfirmOrder', data: { orderId: firstOrder } };
const cancel = (reason: string) => ({ type: 'CancelOrder', data: { orderId: firstOrder, reason } });
const gone = cancelled(firstOrder, twoBeans, oneMug);
const noBeans = refusal(reserveBeans, 'InsufficientStock', '2 wanted, 0 available.');
const noMug = refusal(reserveMug, 'InsufficientStock', '1 wanted, 0 available.');

describe('fulfilling an order that was placed before orders were paid for', () => {
  test('starts by reserving every line', () => {
    given()
      .when(placed)
      .then({ commands: [reserveBeans, reserveMug] });
  });

  test('waits until all lines are reserved, then confirms', () => {
    given(placed).when(beansReserved).then({});
    given(placed, beansReserved)
      .when(mugReserved)
      .then({ commands: [confirm] });
  });

  test('is done when the order is confirmed', () => {
    given(placed, beansReserved, mugReserved)
      .when(confirmed(firstOrder, twoBeans, oneMug))
      .then({ done: true });
  });

  test('does not heed reservations of an order it has not seen', () => {
    given().when(beansReserved).then('ignored');
  });
});

describe('when a line cannot be reserved', () => {
  test('it cancels the order with the reason and releases what is reserved', () => {
    given(placed, beansReserved)
      .when(noMug)
      .then({ commands: [cancel('Mug: 1 wanted, 0 available.'), releaseBeans] });
  });

  test('it releases a line that was reserved after the decision', () => {
    given(placed, noMug)
      .when(beansReserved)
      .then({ commands: [releaseBeans] });
  });

  test('it is done when the order is cancelled and nothing is reserved any more, in either order', () => {
    const past = [placed, beansReserved, noMug];
    const free = released(beans, firstOrder, 2);
    given(...past)
      .when(gone)
      .then({});
    given(...past, gone)
      .when(free)
      .then({ done: true });
    given(...past)
      .when(free)
      .then({});
    given(...past, free)
      .when(gone)
      .then({ done: true });
  });
});

describe('when the customer cancels', () => {
  test('it releases what is reserved and never confirms', () => {
    given(placed, beansReserved)
      .when(gone)
      .then({ commands: [releaseBeans] });
    given(placed, beansReserved, gone)
      .when(mugReserved)
      .then({ commands: [releaseMug] });
  });

  test('while the confirmation is on its way, it releases everything', () => {
    given(placed, beansReserved, mugReserved)
      .when(refusal(confirm, 'OrderAlreadyCancelled'))
      .then({ commands: [releaseBeans, releaseMug] });
    given(
      placed,
      beansReserved,
      mugReserved,
      refusal(confirm, 'OrderAlreadyCancelled'),
      released(beans, firstOrder, 2),
      released(mug, firstOrder, 1),
    )
      .when(gone)
      .then({ done: true });
  });

  test('before anything is reserved, it waits for the refusals and is done', () => {
    given(placed, gone).when(refusal(reserveBeans, 'OrderAlreadyCancelled')).then({});
    given(placed, gone, refusal(reserveBeans, 'OrderAlreadyCancelled'))
      .when(refusal(reserveMug, 'OrderAlreadyCancelled'))
      .then({ done: true });
  });
});

describe('when stock is released by hand', () => {
  test('before all is reserved, it cancels the order', () => {
    given(placed, beansReserved)
      .when(released(beans, firstOrder, 2))
      .then({ commands: [cancel('Its reserved stock was released.')] });
  });

  test('before the confirmation arrives, it cancels the order and releases the rest', () => {
    given(placed, beansReserved, mugReserved, released(beans, firstOrder, 2))
      .when(refusal(confirm, 'StockNotReserved', '1 of 2 lines are not reserved.'))
      .then({ commands: [cancel('1 of 2 lines are not reserved.'), releaseMug] });
  });
});

describe('when somebody is faster by hand', () => {
  test('a refusal of a line that is reserved after all changes nothing', () => {
    given(placed, mugReserved).when(noMug).then({});
    given(placed, noMug, beansReserved, gone).when(noBeans).then({});
  });

  test('a refusal because the order is confirmed changes nothing, and its confirmation ends it', () => {
    const late = refusal(reserveMug, 'OrderAlreadyConfirmed');
    given(placed).when(late).then({});
    given(placed, late, beansReserved, mugReserved)
      .when(confirmed(firstOrder, twoBeans, oneMug))
      .then({ done: true });
  });

  test('a cancellation that comes too late waits for the event of the one that was first', () => {
    given(placed, noMug)
      .when(refusal(cancel('…'), 'OrderAlreadyCancelled'))
      .then({});
    given(placed, noMug)
      .when(refusal(cancel('…'), 'OrderAlreadyConfirmed'))
      .then({});
  });

  test('a reservation that came before the cancellation is released although the cancellation was known first', () => {
    given(placed, noBeans, noMug, refusal(cancel('…'), 'OrderAlreadyCancelled'))
      .when(mugReserved)
      .then({ commands: [releaseMug] });
  });
});

test('a rejection that nobody expects fails the instance, for people to see', () => {
  given(placed, beansReserved, mugReserved).when(refusal(confirm, 'OrderNotFound')).then('failed');
});

describe('an instance that an earlier release has stored', () => {
  const line = (productId: string, stock: string) => ({ productId, name: 'Thing', quantity: 1, stock });
  const stored = { phase: 'reserving', orderId: firstOrder, lines: [line(beans, 'reserved'), line(mug, 'requested')] };
  const happened = (type: string, data: object) => recordedAs(7, { type, data: { ...data } });

  test('goes on as it began', () => {
    const { commands } = fulfilment.react(stored, happened('StockReserved', { productId: mug, orderId: firstOrder, quantity: 1 }));
    expect(commands).toEqual([confirm]);
    const gaveUp = fulfilment.rejected(stored, reject('InsufficientStock', '1 wanted.'), reserveMug);
    expect(gaveUp?.commands?.map(({ type }) => type)).toEqual(['CancelOrder', 'ReleaseStock']);
  });

  test('heeds nothing that only later orders have', () => {
    const paid = happened('PaymentAuthorised', { orderId: firstOrder, paymentId: 'p-1' });
    expect(fulfilment.react(stored, paid)).toEqual({ state: stored });
    expect(fulfilment.accepted(stored, { position: 9 }, confirm)).toBeUndefined();
    expect(fulfilment.operator?.compensate(stored, 'so')).toBeUndefined();
    expect(fulfilment.operator?.close(stored, 'so')).toEqual({ state: { phase: 'cancelled' }, done: true }); // it sends nothing more
  });
});
