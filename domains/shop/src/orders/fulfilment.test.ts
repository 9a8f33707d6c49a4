import { idOf, type RecordedEvent } from '@kiroku/core';
import { acceptance, on, processScenario, refusal, timer, World } from '@kiroku/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { payment } from '../payments/decide.ts';
import { shipment } from '../shipments/decide.ts';
import {
  ada,
  anOrder,
  aPaidOrder,
  beans,
  books,
  cancelled,
  confirmed,
  eur,
  firstOrder,
  mug,
  oneMug,
  outside,
  released,
  reserved,
  secondOrder,
  twoBeans,
} from '../shop.examples.ts';
import { type ShopCommand, shop } from '../shop.ts';
import { fulfilment } from './fulfilment.ts';

const { given } = processScenario(fulfilment);
const orderId = firstOrder;
const placed = aPaidOrder(orderId, twoBeans, oneMug);
const beansReserved = reserved(beans, orderId, 2);
const mugReserved = reserved(mug, orderId, 1);
const authorised = on(payment, orderId, { type: 'PaymentAuthorised', data: { orderId, paymentId: 'p-1' } });
const arranged = on(shipment, orderId, { type: 'ShipmentArranged', data: { orderId, shipmentId: 's-1', trackingCode: 't-1' } });
const captured = on(payment, orderId, { type: 'PaymentCaptured', data: { orderId, paymentId: 'p-1' } });
const reserve = { beans: { productId: beans, orderId, quantity: 2 }, mug: { productId: mug, orderId, quantity: 1 } };
const command = (type: string, more: object = {}) => ({ type, data: { orderId, ...more } });
const release = (productId: string) => ({ type: 'ReleaseStock', data: { productId, orderId } });
const cancel = (reason: string) => command('CancelOrder', { reason });

describe('fulfilling an order', () => {
  test('goes from stock over payment and shipment to capture and confirmation', () => {
    given()
      .when(placed)
      .then({
        commands: [
          { type: 'ReserveStock', data: reserve.beans },
          { type: 'ReserveStock', data: reserve.mug },
        ],
      });
    given(placed, beansReserved)
      .when(mugReserved)
      .then({ commands: [command('AuthorisePayment', { amount: eur(3000), token: 'visa-1' })] });
    given(placed, beansReserved, mugReserved)
      .when(authorised)
      .then({ commands: [command('ArrangeShipment', { customerId: ada, pieces: 3 })] });
    given(placed, beansReserved, mugReserved, authorised)
      .when(arranged)
      .then({ commands: [command('CapturePayment', { paymentId: 'p-1' })] });
    given(placed, beansReserved, mugReserved, authorised, arranged)
      .when(captured)
      .then({ commands: [command('ConfirmOrder')] });
    given(placed, beansReserved, mugReserved, authorised, arranged, captured)
      .when(confirmed(orderId, twoBeans, oneMug))
      .then({ done: true });
  });

  test('goes on in the earlier way if the order was placed before orders were paid for', () => {
    given(anOrder(orderId, oneMug))
      .when(mugReserved)
      .then({ commands: [command('ConfirmOrder')] });
  });
});

describe('what cannot be done is undone', () => {
  test('with the name of the product that is missing', () => {
    given(placed, beansReserved)
      .when(refusal({ type: 'ReserveStock', data: reserve.mug }, 'InsufficientStock', '1 wanted, 0 available.'))
      .then({ commands: [release(beans)] });
    given(placed, beansReserved, refusal({ type: 'ReserveStock', data: reserve.mug }, 'InsufficientStock', '1 wanted, 0 available.'))
      .when(released(beans, orderId, 2))
      .then({ commands: [cancel('Mug: 1 wanted, 0 available.')] });
  });

  test('and a declined payment is not tried again', () => {
    given(placed, beansReserved, mugReserved)
      .when(on(payment, orderId, { type: 'PaymentDeclined', data: { orderId, code: 'NoFunds' } }))
      .then({ commands: [release(beans), release(mug)] });
  });

  test('in reverse, beginning with what may have been done', () => {
    const silent = [placed, beansReserved, mugReserved, authorised, timer('timeout'), timer('timeout')];
    given(...silent)
      .when(timer('timeout'))
      .then({ commands: [command('CancelShipment')] });
    given(...silent, timer('timeout'))
      .when(on(shipment, orderId, { type: 'ShipmentCancelled', data: { orderId } }))
      .then({ commands: [command('VoidPayment')] });
  });

  test('when the customer cancels in the middle', () => {
    given(placed, beansReserved, mugReserved, authorised)
      .when(cancelled(orderId, twoBeans, oneMug))
      .then({ commands: [command('CancelShipment')] });
    given(placed, beansReserved)
      .when(cancelled(orderId, twoBeans, oneMug))
      .then({ commands: [release(beans), release(mug)] });
    given(placed, beansReserved, cancelled(orderId, twoBeans, oneMug), acceptance(release(mug)))
      .when(released(beans, orderId, 2))
      .then({ done: true });
  });

  test('when it takes a quarter of an hour, so that reservations expire', () => {
    given(placed, beansReserved)
      .when(timer('deadline'))
      .then({ commands: [release(beans), release(mug)] });
  });

  test('but not while its confirmation is on its way', () => {
    given(placed, beansReserved, mugReserved, authorised, arranged, captured).when(timer('deadline')).then({});
  });
});

describe('in every interleaving', () => {
  const quantity = fc.oneof({ arbitrary: fc.constant(1), weight: 3 }, { arbitrary: fc.constant(2), weight: 1 });
  const lines = fc.uniqueArray(fc.record({ productId: fc.constantFrom(beans, mug), quantity }), {
    selector: ({ productId }) => productId,
    minLength: 1,
  });
  const run = fc.record({
    levels: fc.record({ [beans]: fc.nat(3), [mug]: fc.nat(3) }),
    first: lines,
    second: lines,
    byHand: fc.array(fc.constantFrom(...handwork()), { maxLength: 9, size: 'max' }),
    choices: fc.infiniteStream(fc.nat()),
    picks: fc.infiniteStream(fc.nat()),
  });

  test('an order ends confirmed, paid, shipped and with all its lines reserved, or cancelled with nothing left of it, and no piece is promised twice', () => {
    fc.assert(
      fc.property(run, ({ levels, first, second, byHand: hands, choices, picks }) => {
        const pick: Pick = (...of) => of[next(picks) % of.length] ?? of[0];
        const world = stocked(levels, pick);
        place(world, firstOrder, first);
        place(world, secondOrder, second);
        const open = hands.map((hand) => () => void world.handle(hand(pick(firstOrder, secondOrder), pick(beans, mug))));
        advance(world, open, () => next(choices));
        expectSettled(world, firstOrder, first);
        expectSettled(world, secondOrder, second);
        expectNothingOversold(world);
      }),
      { numRuns: 150 },
    );
  }, 60_000);
});

/** What people may do to an order while it is being fulfilled. */
function handwork(): ((orderId: string, productId: string) => ShopCommand)[] {
  return [
    (orderId) => ({ type: 'CancelOrder', data: { orderId, reason: 'changed my mind' } }),
    (orderId) => ({ type: 'ConfirmOrder', data: { orderId } }),
    (orderId, productId) => ({ type: 'ReleaseStock', data: { productId, orderId } }),
    (orderId, productId) => ({ type: 'ReserveStock', data: { productId, orderId, quantity: 1 } }),
    (_, productId) => ({ type: 'ReceiveStock', data: { productId, quantity: 1 } }),
  ];
}

type Pick = <T>(...of: readonly [T, ...T[]]) => T;

function stocked(levels: { readonly [productId: string]: number }, pick: Pick): World {
  const world = new World({ ...shop, calls: outside(() => pick(true, false, false)) });
  const commands: ShopCommand[] = [
    { type: 'CreateCategory', data: { categoryId: books, name: 'All', parentId: null } },
    { type: 'RegisterCustomer', data: { customerId: ada, name: 'Ada', email: 'ada@example.org' } },
  ];
  for (const productId of [beans, mug]) {
    commands.push({ type: 'AddProduct', data: { productId, name: 'Thing', description: '', price: eur(100), categoryId: books } });
    const quantity = levels[productId] ?? 0;
    if (quantity > 0) commands.push({ type: 'ReceiveStock', data: { productId, quantity } });
  }
  for (const command of commands) expect(world.handle(command).outcome).toBe('decided');
  return world;
}

function place(world: World, orderId: string, items: { productId: string; quantity: number }[]): void {
  expect(world.handle({ type: 'PlaceOrder', data: { orderId, customerId: ada, items } }).outcome).toBe('decided');
}

/** Takes the world's steps and people's actions in the chosen order until nothing is left. */
function advance(world: World, actions: readonly (() => void)[], choose: () => number): void {
  const waiting = [...actions];
  for (let steps = world.steps(); steps.length + waiting.length > 0; steps = world.steps()) {
    const choice = choose() % (steps.length + waiting.length);
    if (choice < steps.length) steps[choice]?.();
    else waiting.splice(choice - steps.length, 1)[0]?.();
  }
}

function expectSettled(world: World, orderId: string, ordered: readonly { productId: string; quantity: number }[]): void {
  const types = world.log.filter(({ stream }) => stream === `order-${orderId}`).map(({ type }) => type);
  const held = ordered.map(({ productId }) => heldBy(world, productId, orderId));
  expect(world.instances.get(`fulfilment/${orderId}`)).toMatchObject({ done: true });
  expect(world.instances.get(`fulfilment/${orderId}`)?.failure).toBeUndefined();
  const last = (category: string): string => world.log.findLast(({ stream }) => stream === `${category}-${orderId}`)?.type ?? 'nothing';
  const ends = { types, held, payment: last('payment'), shipment: last('shipment') };
  if (types.includes('OrderConfirmed')) {
    const whole = ordered.map(({ quantity }) => quantity);
    expect(ends).toEqual({
      types: ['OrderPlaced', 'OrderConfirmed'],
      held: whole,
      payment: 'PaymentCaptured',
      shipment: 'ShipmentArranged',
    });
  } else {
    expect(ends).toMatchObject({ types: ['OrderPlaced', 'OrderCancelled'], held: ordered.map(() => 0) });
    expect(['nothing', 'PaymentDeclined', 'PaymentVoided', 'PaymentRefunded']).toContain(ends.payment);
    expect(['nothing', 'ShipmentDeclined', 'ShipmentCancelled']).toContain(ends.shipment);
  }
}

function heldBy(world: World, productId: string, orderId: string): number {
  return world.log
    .filter(({ stream, data }) => idOf(stream) === productId && data.orderId === orderId)
    .reduce((sum, event) => sum + change(event).reserved, 0);
}

/** At no moment was more reserved than there was. */
function expectNothingOversold(world: World): void {
  for (const productId of [beans, mug]) {
    let free = 0;
    for (const event of world.log.filter(({ stream }) => stream === `stock-${productId}`)) {
      free += change(event).onHand - change(event).reserved;
      expect(free).toBeGreaterThanOrEqual(0);
    }
  }
}

function change({ type, data }: RecordedEvent): { readonly onHand: number; readonly reserved: number } {
  const quantity = Number(data.quantity);
  if (type === 'StockReceived') return { onHand: quantity, reserved: 0 };
  return { onHand: 0, reserved: type === 'StockReleased' ? -quantity : quantity };
}

function next(stream: fc.Stream<number>): number {
  return stream.next().value ?? 0;
}
