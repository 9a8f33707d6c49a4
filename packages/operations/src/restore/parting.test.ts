import { expect, test } from 'vitest';
import { type LogState, partingOf } from './parting.ts';

const fork = (timeline: number, parent: number, afterPosition: number) => ({
  timeline,
  parent,
  afterPosition,
  restoredAt: '2026-11-27T10:00:00.000000Z',
  hash: '0',
  backup: 'a',
  restoredBy: 'ada',
});
const forks = [fork(2, 1, 100), fork(3, 2, 120), fork(4, 2, 150)];
const state = (timeline: number, position: number): LogState => ({ history: { log: { id: 'log', timeline }, forks }, position });

test.each([
  ['one goes on', state(4, 180), state(4, 160), 160],
  ['one is a timeline more', { ...state(2, 130), history: { log: { id: 'log', timeline: 2 }, forks: [] } }, state(2, 130), 0],
  ['one was left for the other', state(1, 140), state(2, 130), 100],
  ['one was left for the other long ago', state(1, 140), state(4, 190), 100],
  ['both left a third', state(3, 125), state(4, 190), 120],
  ['one ends before it was left', state(1, 80), state(4, 190), 80],
])('where %s, they part after position', (_, one, other, position) => {
  expect([partingOf(one, other), partingOf(other, one)]).toEqual([position, position]);
});
