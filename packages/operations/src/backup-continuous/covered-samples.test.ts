import { expect, test } from 'vitest';
import { CoveredSamples } from './covered-samples.ts';

const sample = (position: number, number: number, walTimeline = 1) => ({
  at: `2026-11-27T10:00:${String(position).padStart(2, '0')}.000000Z`,
  position,
  systemIdentifier: '7',
  segmentBytes: 16 * 1024 * 1024,
  segment: { walTimeline, number: BigInt(number) },
});
const through = (number: number, walTimeline = 1) => ({ walTimeline, number: BigInt(number) });

test('what is kept covers the latest moment before its end, and no later one', () => {
  const samples = new CoveredSamples();
  for (const [position, segment] of [
    [1, 3],
    [2, 3],
    [3, 4],
  ] as const)
    samples.add(sample(position, segment));
  expect(samples.keptThrough(through(2))).toBeUndefined();
  expect(samples.keptThrough(through(3))).toMatchObject({ position: 2, segment: '000000010000000000000003' });
  expect(samples.keptThrough(through(3))).toBeUndefined();
  expect(samples.keptThrough(through(9))).toMatchObject({ position: 3 });
});

test('a segment of an earlier timeline covers nothing of a later one', () => {
  const samples = new CoveredSamples();
  samples.add(sample(1, 3, 2));
  expect(samples.keptThrough(through(3, 1))).toBeUndefined();
  expect(samples.keptThrough(through(3, 2))).toMatchObject({ position: 1 });
});
