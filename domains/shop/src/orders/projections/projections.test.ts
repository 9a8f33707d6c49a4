import { on, projectionScenario } from '@kiroku/testing';
import { describe, test } from 'vitest';
import {
  ada,
  anOrder,
  beans,
  cancelled,
  confirmed,
  eur,
  firstOrder,
  oneMug,
  placement,
  secondOrder,
  twoBeans,
} from '../../shop.examples.ts';
import { order } from '../decide.ts';
import { orderSummary } from './order-summary.ts';
import { salesPerDay } from './sales-per-day.ts';

describe('the order summary', () => {
  const { given } = projectionScenario(orderSummary);
  const row = {
    id: firstOrder,
    customer_id: ada,
    status: 'placed',
    lines: [{ productId: beans, name: 'Beans', quantity: 2, unitPrice: eur(1000), lineTotal: eur(2000) }],
    item_count: 2,
    total: 2000,
    currency: 'EUR',
    reason: null,
    placed_at: '2026-03-01T09:30:00.000Z',
    settled_at: null,
  };

  test('shows a placed order with its lines', () => {
    given(anOrder(firstOrder, twoBeans)).thenRows('customer_order', [row]);
  });

  test('shows when it was confirmed', () => {
    given(anOrder(firstOrder, twoBeans), confirmed(firstOrder, twoBeans)).thenRows('customer_order', [
      { ...row, status: 'confirmed', settled_at: '2026-03-02T08:00:00.000Z' },
    ]);
  });

  test('shows when and why it was cancelled', () => {
    given(anOrder(firstOrder, twoBeans), cancelled(firstOrder, twoBeans)).thenRows('customer_order', [
      { ...row, status: 'cancelled', reason: 'changed my mind', settled_at: '2026-03-02T08:00:00.000Z' },
    ]);
  });
});

describe('sales per day', () => {
  const { given } = projectionScenario(salesPerDay);

  test('count confirmed orders on the day they were placed', () => {
    given(
      anOrder(firstOrder, twoBeans),
      confirmed(firstOrder, twoBeans),
      anOrder(secondOrder, oneMug),
      confirmed(secondOrder, oneMug),
    ).thenRows('day', [{ day: '2026-03-01', currency: 'EUR', orders: 2, items: 3, revenue: '3000' }]);
  });

  test('leave out what is only placed, or cancelled', () => {
    given(anOrder(firstOrder, twoBeans), anOrder(secondOrder, oneMug), cancelled(secondOrder, oneMug)).thenRows('day', []);
  });

  test('are counted exactly, also when a day takes more than a number holds', () => {
    const huge = { ...placement(firstOrder, [oneMug]), total: eur(Number.MAX_SAFE_INTEGER), confirmedAt: '2026-03-02T08:00:00.000Z' };
    const confirmation = on(order, firstOrder, { type: 'OrderConfirmed', data: huge });
    given(confirmation, confirmation, confirmation).thenRows('day', [
      { day: '2026-03-01', currency: 'EUR', orders: 3, items: 3, revenue: '27021597764222973' },
    ]);
  });

  test('keep currencies apart', () => {
    const yen = { ...placement(secondOrder, [oneMug]), total: { amount: 900, currency: 'JPY' }, confirmedAt: '2026-03-02T08:00:00.000Z' };
    given(confirmed(firstOrder, twoBeans), on(order, secondOrder, { type: 'OrderConfirmed', data: yen })).thenRows('day', [
      { day: '2026-03-01', currency: 'EUR', orders: 1, items: 2, revenue: '2000' },
      { day: '2026-03-01', currency: 'JPY', orders: 1, items: 1, revenue: '900' },
    ]);
  });
});
