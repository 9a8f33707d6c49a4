import type { LogRestore } from '@kiroku/postgres';
import { expect, test } from 'vitest';
import { isHeadLeft, leftSince, timelineInUseAt } from './left-history.ts';

const at = (minute: number) => `2026-11-27T10:${minute}:00.000000Z`;
const fork = (timeline: number, parent: number, afterPosition: number, minute: number): LogRestore => ({
  timeline,
  parent,
  afterPosition,
  restoredAt: at(minute),
  hash: '0',
  backup: 'a',
  restoredBy: 'ada',
});
// the oldest first, as they are read; the third was left again for the second
const forks = [fork(2, 1, 100, 20), fork(3, 2, 120, 30), fork(4, 2, 150, 40)];
const history = { log: { id: 'log', timeline: 4 }, forks };

test.each([
  ['before the restored position', 99, 15, undefined],
  ['after it, and before the restore', 100, 15, 2],
  ['after the restore', 100, 25, undefined],
  ['where only a history branched off that is not the present', 120, 25, undefined],
  ['in the history that was left last', 150, 35, 4],
  ['that a restore had put aside before the one that led to the present', 150, 25, 3],
])('a moment %s', (_, position, minute, timeline) => {
  expect(leftSince({ time: at(minute), history, position })?.timeline).toBe(timeline);
});

test.each([
  [15, 1],
  [20, 2],
  [35, 3],
  [45, 4],
])('at minute %i timeline %i was in use', (minute, timeline) => {
  expect(timelineInUseAt(at(minute), history)).toBe(timeline);
});

test('a log that was never restored has had one timeline', () => {
  expect(timelineInUseAt(at(15), { log: { id: 'log', timeline: 1 }, forks: [] })).toBe(1);
});

test.each([
  ['of the present timeline', 4, 900, false],
  ['at the position that a restore went back to', 1, 100, false],
  ['after it', 1, 101, true],
  ['of the timeline that was left last, before that', 2, 150, false],
  ['after that', 2, 151, true],
  ['of a timeline that nothing goes on from', 3, 1, true],
  ['of a timeline that this log knows nothing of', 5, 1, false],
])('a head %s', (_, timeline, position, isLeft) => {
  expect(isHeadLeft({ log: 'log', timeline, position }, history)).toBe(isLeft);
  expect(isHeadLeft({ log: 'another', timeline, position }, history)).toBe(false);
});
