import { invalid, nothing, on, rejected, scenario } from '@kiroku/testing';
import { describe, test } from 'vitest';
import {
  anOrder,
  aProduct,
  beans,
  cancelled,
  confirmed,
  discontinued,
  firstOrder,
  mug,
  received,
  released,
  reserved,
  secondOrder,
  twoBeans,
} from '../shop.examples.ts';
import { stock } from './decide.ts';

const { given } = scenario(stock);
const sold = aProduct(beans, 'Beans');
const adjusted = (change: number) =>
  on(stock, beans, { type: 'StockAdjusted', data: { productId: beans, change, reason: 'counted anew' } });

describe('receiving stock', () => {
  const data = { productId: beans, quantity: 5 };

  test('adds it', () => {
    given(sold).when({ type: 'ReceiveStock', data }).then({ type: 'StockReceived', data });
  });

  test('is refused for a product that is not there, or no longer sold', () => {
    given().when({ type: 'ReceiveStock', data }).then(rejected('ProductNotFound'));
    given(sold, discontinued(beans)).when({ type: 'ReceiveStock', data }).then(rejected('ProductIsDiscontinued'));
  });

  test('is refused beyond what can be counted', () => {
    given(sold, received(beans, 1_000_000_000)).when({ type: 'ReceiveStock', data }).then(rejected('StockTooLarge'));
  });

  test.each([0, -1, 1.5, 1_000_001])('is invalid with the quantity %d', (quantity) => {
    given()
      .when({ type: 'ReceiveStock', data: { productId: beans, quantity } })
      .then(invalid('quantity'));
  });
});

describe('adjusting stock', () => {
  const adjust = (change: number) => ({ type: 'AdjustStock', data: { productId: beans, change, reason: 'broken' } }) as const;
  const event = (change: number) => ({ type: 'StockAdjusted', data: { productId: beans, change, reason: 'broken' } }) as const;

  test('adds and takes away', () => {
    given(sold).when(adjust(3)).then(event(3));
    given(sold, received(beans, 3)).when(adjust(-3)).then(event(-3));
  });

  test('below zero is refused', () => {
    given(sold, received(beans, 2))
      .when(adjust(-3))
      .then(rejected('StockBelowReserved', { onHand: 2, reserved: 0 }));
  });

  test('below what is reserved is refused', () => {
    const past = [sold, received(beans, 5), anOrder(firstOrder, twoBeans), reserved(beans, firstOrder, 2)];
    given(...past)
      .when(adjust(-3))
      .then(event(-3));
    given(...past)
      .when(adjust(-4))
      .then(rejected('StockBelowReserved', { onHand: 5, reserved: 2 }));
  });

  test('is refused for a product that is not there, or no longer sold', () => {
    given().when(adjust(1)).then(rejected('ProductNotFound'));
    given(sold, discontinued(beans)).when(adjust(1)).then(rejected('ProductIsDiscontinued'));
  });

  test('by nothing, or without a reason, is invalid', () => {
    given().when(adjust(0)).then(invalid('change'));
    given()
      .when({ type: 'AdjustStock', data: { productId: beans, change: 1, reason: '' } })
      .then(invalid('reason'));
  });
});

describe('reserving stock', () => {
  const data = { productId: beans, orderId: firstOrder, quantity: 2 };
  const reserve = { type: 'ReserveStock', data } as const;
  const ordered = anOrder(firstOrder, twoBeans);

  test('promises the pieces of a line to its order', () => {
    given(ordered, received(beans, 2)).when(reserve).then({ type: 'StockReserved', data });
  });

  test('is refused when less is available, and says how much', () => {
    given(ordered, received(beans, 1))
      .when(reserve)
      .then(rejected('InsufficientStock', { productId: beans, wanted: 2, available: 1 }));
    given(ordered)
      .when(reserve)
      .then(rejected('InsufficientStock', { available: 0 }));
  });

  test('does not promise a piece twice', () => {
    given(ordered, anOrder(secondOrder, twoBeans), received(beans, 3), reserved(beans, secondOrder, 2))
      .when(reserve)
      .then(rejected('InsufficientStock', { available: 1 }));
  });

  test('may take what was released or found', () => {
    const past = [ordered, anOrder(secondOrder, twoBeans), received(beans, 2), reserved(beans, secondOrder, 2)];
    given(...past, released(beans, secondOrder, 2))
      .when(reserve)
      .then({ type: 'StockReserved', data });
    given(...past, adjusted(2))
      .when(reserve)
      .then({ type: 'StockReserved', data });
  });

  test('twice for the same order does nothing', () => {
    given(ordered, received(beans, 9), reserved(beans, firstOrder, 2))
      .when(reserve)
      .then(nothing);
  });

  test('is refused for an order that is not there, confirmed or cancelled', () => {
    given(received(beans, 9)).when(reserve).then(rejected('OrderNotFound'));
    given(received(beans, 9), ordered, confirmed(firstOrder, twoBeans)).when(reserve).then(rejected('OrderAlreadyConfirmed'));
    given(received(beans, 9), ordered, cancelled(firstOrder, twoBeans)).when(reserve).then(rejected('OrderAlreadyCancelled'));
  });

  test('is refused for anything but a line of the order', () => {
    const past = [ordered, received(beans, 9), received(mug, 9)];
    given(...past)
      .when({ type: 'ReserveStock', data: { ...data, quantity: 3 } })
      .then(rejected('NotOrdered'));
    given(...past)
      .when({ type: 'ReserveStock', data: { ...data, productId: mug } })
      .then(rejected('NotOrdered'));
  });
});

describe('releasing stock', () => {
  const release = { type: 'ReleaseStock', data: { productId: beans, orderId: firstOrder } } as const;
  const past = [anOrder(firstOrder, twoBeans), received(beans, 2), reserved(beans, firstOrder, 2)];
  const event = { type: 'StockReleased', data: { productId: beans, orderId: firstOrder, quantity: 2 } } as const;

  test('gives back all that the order holds', () => {
    given(...past)
      .when(release)
      .then(event);
    given(...past, cancelled(firstOrder, twoBeans))
      .when(release)
      .then(event);
  });

  test('of an order that holds nothing does nothing', () => {
    given().when(release).then(nothing);
    given(...past, released(beans, firstOrder, 2))
      .when(release)
      .then(nothing);
  });

  test('is refused for a confirmed order', () => {
    given(...past, confirmed(firstOrder, twoBeans))
      .when(release)
      .then(rejected('OrderAlreadyConfirmed'));
  });
});
