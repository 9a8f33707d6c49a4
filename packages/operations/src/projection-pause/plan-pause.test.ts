import { expect, test } from 'vitest';
import type { ProjectionStatus } from '../projection-list/list-projections.ts';
import { planPause } from './plan-pause.ts';

const status = (version: number, more: Partial<ProjectionStatus> = {}): ProjectionStatus => ({
  projection: 'sales',
  version,
  declared: version === 2,
  state: 'live',
  activeBuild: 1,
  position: 1,
  lag: { events: 0, seconds: 0 },
  parkedKeys: 0,
  owners: [],
  size: { rows: 0, estimated: false, bytes: 0 },
  ...more,
});

test('every version that can be read is paused, once', () => {
  const { activeBuild: _, ...unbuilt } = status(3);
  const plan = planPause([unbuilt, status(2), status(1, { pausedAt: '2026-11-24T10:00:00Z' })], {
    names: ['sales', 'sales'],
    paused: true,
  });
  expect(plan).toEqual([
    { projection: 'sales', version: 2, unchanged: false },
    { projection: 'sales', version: 1, unchanged: true },
  ]);
});

test('a name that is not there is refused, with the nearest', () => {
  expect(() => planPause([status(1)], { names: ['sale'], paused: true })).toThrow('Did you mean "sales"?');
});
