import { idOf, type RecordedEvent } from '@kiroku/core';
import { processScenario, refusal, World } from '@kiroku/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ada,
  anOrder,
  beans,
  books,
  cancelled,
  confirmed,
  eur,
  firstOrder,
  mug,
  oneMug,
  released,
  reserved,
  secondOrder,
  twoBeans,
} from '../shop.examples.ts';
import { type ShopCommand, shop } from '../shop.ts';
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

describe('fulfilling an order', () => {
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

  test('an order ends confirmed with all its lines reserved, or cancelled with none, and no piece is promised twice', () => {
    fc.assert(
      fc.property(run, ({ levels, first, second, byHand: hands, choices, picks }) => {
        const world = stocked(levels);
        place(world, firstOrder, first);
        place(world, secondOrder, second);
        const pick = <T>(...of: readonly [T, ...T[]]): T => of[next(picks) % of.length] ?? of[0];
        const open = hands.map((hand) => () => void world.handle(hand(pick(firstOrder, secondOrder), pick(beans, mug))));
        advance(world, open, () => next(choices));
        expectSettled(world, firstOrder, first);
        expectSettled(world, secondOrder, second);
        expectNothingOversold(world);
      }),
      { numRuns: 1500 },
    );
  });
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

function stocked(levels: { readonly [productId: string]: number }): World {
  const world = new World(shop);
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
  if (types.includes('OrderConfirmed'))
    expect({ types, held }).toEqual({ types: ['OrderPlaced', 'OrderConfirmed'], held: ordered.map(({ quantity }) => quantity) });
  else expect({ types, held }).toEqual({ types: ['OrderPlaced', 'OrderCancelled'], held: ordered.map(() => 0) });
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
