import { type AppendRequest, checkAppend } from '@kiroku/core';
import { describe, expect, test } from 'vitest';
import { Batch, batchLimits } from './batch.ts';
import { batchColumns } from './batch-columns.ts';
import { prepareAppend } from './prepared-append.ts';

describe('a batch', () => {
  test('knows which conditions look at events of earlier appends: the last matching one of each', () => {
    const batch = batchOf(
      append({ events: [event('A', 'x'), event('A', 'x', 'y'), event('B')] }),
      append({ events: [event('A', 'y')] }),
      append({ conditions: [{ query: [{ tags: ['x'] }, { types: ['A'], tags: ['y'] }], after: 7 }] }),
      append({ conditions: [{ query: [{ types: ['B'] }], after: 8 }] }),
      append({ conditions: [{ query: [{}], after: 9 }], events: [event('A')] }),
      append({ conditions: [{ query: [{ tags: ['z'] }, { types: [] }], after: 10 }] }),
    );
    expect(batch.overlaps).toEqual([
      { append: 3, event: 2, after: 7 },
      { append: 3, event: 4, after: 7 },
      { append: 4, event: 3, after: 8 },
      { append: 5, event: 3, after: 9 },
      { append: 5, event: 4, after: 9 },
    ]);
  });

  test('takes a command id once, and an event id once', () => {
    const batch = new Batch();
    const one = '00000000-0000-4000-8000-000000000001';
    expect(batch.tryAdd(append({ commandId: one }))).toBe(true);
    expect(batch.tryAdd(append({ commandId: one.toUpperCase() }))).toBe(false);
    expect(batch.tryAdd(append({ events: [{ ...event('A'), id: one }] }))).toBe(true);
    expect(batch.tryAdd(append({ events: [{ ...event('A'), id: one }] }))).toBe(false);
    expect(batch.appends).toHaveLength(2);
  });

  test('is bounded, but an empty one takes anything', () => {
    const large = append({ events: Array.from({ length: batchLimits.events }, () => event('A')) });
    const batch = new Batch();
    expect([batch.tryAdd(large), batch.tryAdd(append({ events: [event('A')] })), batch.tryAdd(append({}))]).toEqual([true, false, true]);
    const hot = append({ events: [event('A', 'hot')], conditions: [{ query: [{ tags: ['hot'] }], after: 0 }] });
    const crowded = new Batch();
    while (crowded.tryAdd(hot));
    expect(crowded.overlaps.length).toBeLessThanOrEqual(batchLimits.overlaps);
    expect(crowded.appends.length).toBeGreaterThan(50);
  });

  test('becomes columns: streams once, and one slot for each stream of an append', () => {
    const batch = batchOf(
      append({ stream: 'a-1', events: [event('A', 'x"\\y')] }),
      append({ stream: 'b-1' }),
      append({ stream: 'a-1', events: [event('B')] }),
    );
    const columns = batchColumns(batch);
    expect(columns[3]).toEqual(['a-1', 'b-1']);
    expect(columns[4]).toEqual([1, 2, 1]);
    expect(columns[6]).toEqual([1, 0, 1]);
    expect(columns[7]).toEqual([1, 3]);
    expect(columns[13]).toEqual(['{"x\\"\\\\y"}', '{}']);
  });
});

function batchOf(...appends: readonly ReturnType<typeof append>[]): Batch {
  const batch = new Batch();
  for (const one of appends) expect(batch.tryAdd(one)).toBe(true);
  return batch;
}

interface Sample {
  readonly stream?: `${string}-${string}`;
  readonly events?: AppendRequest['streams'][number]['events'];
  readonly conditions?: AppendRequest['conditions'];
  readonly commandId?: string;
}

function append({ stream = 'a-1', events = [], conditions, commandId }: Sample) {
  return prepareAppend(
    checkAppend({
      streams: [{ stream, expectedVersion: 'any', events }],
      ...(conditions && { conditions }),
      ...(commandId !== undefined && { idempotency: { commandId, fingerprint: 'f' } }),
    }),
  );
}

function event(type: string, ...tags: readonly string[]) {
  return { type, data: {}, tags };
}
