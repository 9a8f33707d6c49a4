import fc from 'fast-check';
import { expect, test } from 'vitest';
import { breakdown } from './breakdown.ts';
import { firstPositionSince } from './first-position-since.ts';
import { samplePositions } from './sample-positions.ts';

const counted = [
  { type: 'Placed', category: 'order', events: 3, streams: 3 },
  { type: 'Paid', category: 'order', events: 2, streams: 0 },
  { type: 'Named', category: 'customer', events: 5, streams: 1 },
];

test('counted events are added up by type and category, most first', () => {
  const { streams, types, categories } = breakdown({ events: 10, counted });
  expect(streams).toEqual({ count: 4, estimated: false });
  expect(types.map(({ type, events }) => [type, events.count])).toEqual([
    ['Named', 5],
    ['Placed', 3],
    ['Paid', 2],
  ]);
  expect(categories.map(({ category, events, streams: of }) => [category, events.count, of.count])).toEqual([
    ['customer', 5, 1],
    ['order', 5, 3],
  ]);
});

test('a sample is extrapolated, but for rare types, which are known, and it forgets none', () => {
  const known = new Map([
    ['Placed', undefined],
    ['Paid', undefined],
    ['Named', undefined],
    ['Rare', 7],
  ]);
  const { types, categories } = breakdown({ events: 1_000, counted, sample: 10, rareTypes: known, categories: ['stock'] });
  expect(types).toContainEqual({ type: 'Named', events: { count: 500, estimated: true } });
  expect(types).toContainEqual({ type: 'Rare', events: { count: 7, estimated: false } });
  expect(categories.at(-1)).toEqual({ category: 'stock', events: { count: 0, estimated: true }, streams: { count: 0, estimated: true } });
});

test('a sample has positions of the log, each at most once', () => {
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 1_000_000 }), fc.double({ min: 0, max: 0.999999, noNaN: true }), (head, random) => {
      const positions = samplePositions(head, 100, () => random);
      expect(new Set(positions).size).toBe(100);
      expect(positions[0]).toBeGreaterThanOrEqual(1);
      expect(positions.at(-1)).toBeLessThanOrEqual(head);
    }),
  );
});

test('the first position since a time is found among times that never go back', async () => {
  const minutes = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 30 }).map((list) => list.sort((a, b) => a - b));
  const at = (minute: number) => `2026-11-24T10:0${minute}:00.000000Z`;
  await fc.assert(
    fc.asyncProperty(minutes, fc.integer({ min: 0, max: 9 }), async (list, since) => {
      const times = list.map(at);
      const found = await firstPositionSince(async (position) => times[position - 1], times.length, at(since));
      const expected = list.findIndex((minute) => minute >= since);
      expect(found).toBe(expected === -1 ? times.length + 1 : expected + 1);
    }),
  );
});
