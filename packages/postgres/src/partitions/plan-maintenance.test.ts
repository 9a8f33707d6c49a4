import { describe, expect, test } from 'vitest';
import { type PartitionState, planMaintenance } from './plan-maintenance.ts';

const ready: PartitionState = {
  head: 15,
  now: '2026-11-24T10:00:00.000000Z',
  partitionSize: 10,
  partitionsAhead: 2,
  idempotencyDays: 7,
  idempotencyAhead: 1,
  events: [
    { firstPosition: 11, lastPosition: 20 },
    { firstPosition: 21, lastPosition: 30 },
    { firstPosition: 31, lastPosition: 40 },
  ],
  idempotency: [
    { from: '2026-11-20T00:00:00.000000Z', until: '2026-11-27T00:00:00.000000Z', expired: false },
    { from: '2026-11-27T00:00:00.000000Z', until: '2026-12-04T00:00:00.000000Z', expired: false },
  ],
};

describe('the maintenance of the log', () => {
  test('has nothing to do while enough partitions are ready', () => {
    expect(planMaintenance(ready)).toEqual([]);
  });

  test('creates partitions of events after the last, each of the size that is set', () => {
    expect(planMaintenance({ ...ready, head: 25, partitionSize: 100, events: ready.events.slice(1) })).toEqual([
      { kind: 'createEventPartition', firstPosition: 41, lastPosition: 140 },
    ]);
    expect(planMaintenance({ ...ready, head: 40, events: [] })).toHaveLength(3);
  });

  test('creates partitions of command ids after the last', () => {
    const nextDay = planMaintenance({ ...ready, now: '2026-11-27T00:00:00.000000Z' });
    expect(nextDay).toEqual([
      { kind: 'createIdempotencyPartition', from: '2026-12-04T00:00:00.000000Z', until: '2026-12-11T00:00:00.000000Z' },
    ]);
  });

  test('creates none for times that are over', () => {
    expect(planMaintenance({ ...ready, now: '2027-03-01T10:00:00.000000Z' })[0]).toEqual({
      kind: 'createIdempotencyPartition',
      from: '2027-03-01T00:00:00.000000Z',
      until: '2027-03-08T00:00:00.000000Z',
    });
  });

  test('forgets command ids last', () => {
    const expired = { from: '2026-10-01T00:00:00.000000Z', until: '2026-10-08T00:00:00.000000Z', expired: true };
    const steps = planMaintenance({ ...ready, events: [], idempotency: [expired, ...ready.idempotency] });
    expect(steps.map(({ kind }) => kind)).toEqual([...Array(3).fill('createEventPartition'), 'dropIdempotencyPartition']);
  });
});
