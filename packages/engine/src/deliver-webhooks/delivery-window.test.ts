import { recordedAs } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { DeliveryWindow } from './delivery-window.ts';

const event = (position: number) => recordedAs(position, { type: 'Happened', data: {} });
const failure = { error: 'no', retry: 'dead' } as const;

function windowOf(...positions: readonly number[]): DeliveryWindow {
  const window = new DeliveryWindow(0);
  for (const position of positions) window.add(event(position));
  return window;
}

test('the position never passes an event that is neither delivered nor kept', () => {
  const window = windowOf(2, 5, 7);
  window.delivered(5);
  window.keep(7, failure);
  expect(window.settled()).toMatchObject({ position: 1, kept: [] });
  window.delivered(2);
  expect(window.settled()).toMatchObject({ position: 7, kept: [{ position: 7, failure }], entries: 3 });
});

test('it goes on to what was looked at when everything is settled', () => {
  const window = windowOf(2);
  window.pass(9);
  expect(window.settled()).toMatchObject({ position: 1 });
  window.delivered(2);
  expect(window.settled()).toMatchObject({ position: 9, entries: 1 });
});

test('what was written is not written again', () => {
  const window = windowOf(1, 2);
  window.keep(1);
  const settled = window.settled();
  if (settled === undefined) throw new Error('Position 1 is settled.');
  window.delivered(2);
  window.written(settled);
  expect(window.size).toBe(1);
  expect(window.settled()).toMatchObject({ position: 2, kept: [] });
  const rest = window.settled();
  if (rest !== undefined) window.written(rest);
  expect(window.settled()).toBeUndefined();
});
