import { invalid, on, rejected, scenario } from '@kiroku/testing';
import { describe, test } from 'vitest';
import { payment } from '../payments/decide.ts';
import {
  aCustomer,
  ada,
  anOrder,
  aPaidOrder,
  aProduct,
  beans,
  cancelled,
  confirmed,
  discontinued,
  eur,
  firstOrder,
  mug,
  oneMug,
  placement,
  received,
  released,
  reserved,
  secondOrder,
  twoBeans,
  unknown,
} from '../shop.examples.ts';
import { order } from './decide.ts';

const { given } = scenario(order);
const shopped = [aCustomer(ada, 'Ada', 'ada@example.org'), aProduct(beans, 'Beans', eur(1250)), aProduct(mug, 'Mug', eur(899))];

function place(...items: readonly { readonly productId: string; readonly quantity: number }[]) {
  return { type: 'PlaceOrder', data: { orderId: firstOrder, customerId: ada, items: [...items] } } as const;
}

describe('placing an order', () => {
  test('takes names and prices from the catalogue, and the time from the command', () => {
    given(...shopped)
      .when(place({ productId: beans, quantity: 2 }, { productId: mug, quantity: 1 }), { at: '2026-05-04T10:00:00.000Z' })
      .then({
        type: 'OrderPlaced',
        data: {
          orderId: firstOrder,
          customerId: ada,
          lines: [
            { productId: beans, name: 'Beans', quantity: 2, unitPrice: eur(1250), lineTotal: eur(2500) },
            { productId: mug, name: 'Mug', quantity: 1, unitPrice: eur(899), lineTotal: eur(899) },
          ],
          itemCount: 3,
          total: eur(3399),
          placedAt: '2026-05-04T10:00:00.000Z',
          paymentToken: 'on-account',
        },
      });
  });

  test('may name what it is paid with, but no card number', () => {
    const paying = (paymentToken: string) => ({ ...place(), data: { ...place({ productId: mug, quantity: 1 }).data, paymentToken } });
    given().when(paying('4111111111111111')).then(invalid('paymentToken'));
  });

  test('makes one line of a product that is named twice', () => {
    given(...shopped)
      .when(place({ productId: beans, quantity: 2 }, { productId: beans, quantity: 3 }))
      .then({
        type: 'OrderPlaced',
        data: {
          orderId: firstOrder,
          customerId: ada,
          lines: [{ productId: beans, name: 'Beans', quantity: 5, unitPrice: eur(1250), lineTotal: eur(6250) }],
          itemCount: 5,
          total: eur(6250),
          placedAt: '2026-01-01T00:00:00.000Z',
          paymentToken: 'on-account',
        },
      });
  });

  test('is refused for an id that is in use', () => {
    given(...shopped, anOrder(firstOrder, twoBeans))
      .when(place({ productId: mug, quantity: 1 }))
      .then(rejected('OrderExists'));
  });

  test('is refused for a customer who is not there', () => {
    given(aProduct(beans, 'Beans'))
      .when(place({ productId: beans, quantity: 1 }))
      .then(rejected('CustomerNotFound', { customerId: ada }));
  });

  test('is refused with a product that is not there, and names it', () => {
    given(...shopped)
      .when(place({ productId: beans, quantity: 1 }, { productId: unknown, quantity: 1 }))
      .then(rejected('ProductNotFound', { productIds: [unknown] }));
  });

  test('is refused with a product that is no longer sold', () => {
    given(...shopped, discontinued(mug))
      .when(place({ productId: beans, quantity: 1 }, { productId: mug, quantity: 1 }))
      .then(rejected('ProductIsDiscontinued', { productIds: [mug] }));
  });

  test('is refused in two currencies', () => {
    given(...shopped, aProduct(unknown, 'Tea', { amount: 500, currency: 'JPY' }))
      .when(place({ productId: beans, quantity: 1 }, { productId: unknown, quantity: 1 }))
      .then(rejected('CurrencyMixed', { currencies: ['EUR', 'JPY'] }));
  });

  test('is refused with more than 999 of a product, also when named twice', () => {
    given(...shopped)
      .when(place({ productId: beans, quantity: 999 }, { productId: beans, quantity: 1 }))
      .then(rejected('QuantityTooLarge', { quantity: 1000 }));
  });

  test('is refused when a line or the total cannot be counted exactly', () => {
    const most = eur(Number.MAX_SAFE_INTEGER);
    given(...shopped, aProduct(unknown, 'Island', most))
      .when(place({ productId: unknown, quantity: 2 }))
      .then(rejected('TotalTooLarge'));
    given(...shopped, aProduct(unknown, 'Island', most))
      .when(place({ productId: unknown, quantity: 1 }, { productId: mug, quantity: 1 }))
      .then(rejected('TotalTooLarge'));
  });

  test('is invalid without items, with 51, or with a quantity out of range', () => {
    const items = Array.from({ length: 51 }, () => ({ productId: beans, quantity: 1 }));
    given().when(place()).then(invalid('items'));
    given()
      .when(place(...items))
      .then(invalid('items'));
    given()
      .when(place({ productId: beans, quantity: 0 }, { productId: beans, quantity: 1000 }))
      .then(invalid('items.0.quantity', 'items.1.quantity'));
  });
});

describe('confirming an order', () => {
  const confirm = { type: 'ConfirmOrder', data: { orderId: firstOrder } } as const;
  const at = '2026-03-02T08:00:00.000Z';
  const past = [anOrder(firstOrder, twoBeans, oneMug), received(beans, 9), received(mug, 9), reserved(beans, firstOrder, 2)];

  test('repeats what was ordered, for the read models', () => {
    given(...past, reserved(mug, firstOrder, 1))
      .when(confirm, { at })
      .then({ type: 'OrderConfirmed', data: { ...placement(firstOrder, [twoBeans, oneMug]), confirmedAt: at } });
  });

  test('is refused while a line is not reserved, or no longer', () => {
    given(...past)
      .when(confirm)
      .then(rejected('StockNotReserved', { productIds: [mug] }));
    given(...past, reserved(mug, firstOrder, 1), released(mug, firstOrder, 1))
      .when(confirm)
      .then(rejected('StockNotReserved', { productIds: [mug] }));
  });

  test('does not count what is reserved for another order', () => {
    given(...past, anOrder(secondOrder, oneMug), reserved(mug, secondOrder, 1))
      .when(confirm)
      .then(rejected('StockNotReserved'));
  });

  test('is refused for an order that is to be paid, until its payment is taken', () => {
    const past = [aPaidOrder(firstOrder, oneMug), received(mug, 1), reserved(mug, firstOrder, 1)];
    const orderId = firstOrder;
    given(...past)
      .when(confirm)
      .then(rejected('PaymentMissing', { status: 'none' }));
    const paid = on(payment, orderId, { type: 'PaymentCaptured', data: { orderId, paymentId: 'p-1' } });
    given(...past, paid)
      .when(confirm, { at })
      .then({ type: 'OrderConfirmed', data: { ...placement(orderId, [oneMug]), confirmedAt: at } });
  });

  test('is refused for an order that is not there, confirmed or cancelled', () => {
    given().when(confirm).then(rejected('OrderNotFound'));
    given(anOrder(firstOrder, oneMug), confirmed(firstOrder, oneMug)).when(confirm).then(rejected('OrderAlreadyConfirmed'));
    given(anOrder(firstOrder, oneMug), cancelled(firstOrder, oneMug)).when(confirm).then(rejected('OrderAlreadyCancelled'));
  });
});

describe('cancelling an order', () => {
  const cancel = { type: 'CancelOrder', data: { orderId: firstOrder, reason: 'changed my mind' } } as const;

  test('keeps the reason and repeats what was ordered', () => {
    given(anOrder(firstOrder, twoBeans))
      .when(cancel, { at: '2026-03-02T08:00:00.000Z' })
      .then({
        type: 'OrderCancelled',
        data: { ...placement(firstOrder, [twoBeans]), reason: 'changed my mind', cancelledAt: '2026-03-02T08:00:00.000Z' },
      });
  });

  test('is refused for an order that is not there, confirmed or cancelled', () => {
    given().when(cancel).then(rejected('OrderNotFound'));
    given(anOrder(firstOrder, oneMug), confirmed(firstOrder, oneMug)).when(cancel).then(rejected('OrderAlreadyConfirmed'));
    given(anOrder(firstOrder, oneMug), cancelled(firstOrder, oneMug)).when(cancel).then(rejected('OrderAlreadyCancelled'));
  });

  test('without a reason is invalid', () => {
    given()
      .when({ type: 'CancelOrder', data: { orderId: firstOrder, reason: ' ' } })
      .then(invalid('reason'));
  });
});
