import type { JobProgress } from '@kiroku/core';
import { describe, expect, test } from 'vitest';
import { addSample, paceOf, type Sample } from './pace.ts';

const progress = (done: number, total?: number): JobProgress => ({ done, unit: 'events', ...(total !== undefined && { total }) });
const sampled = (...samples: readonly (readonly [at: number, done: number])[]) =>
  samples.reduce<readonly Sample[]>((before, [at, done]) => addSample(before, { at, done }), []);

describe('the pace of a job', () => {
  test('is not known from one sample', () => {
    expect(paceOf(sampled([0, 0]), progress(0, 100))).toEqual({});
  });

  test('is what was done in the time it took', () => {
    expect(paceOf(sampled([0, 0], [500, 10], [2_000, 60]), progress(60, 120))).toEqual({ rate: 30, etaSeconds: 2 });
  });

  test('has no end if the total is not known, or nothing moves', () => {
    expect(paceOf(sampled([0, 0], [1_000, 10]), progress(10))).toEqual({ rate: 10 });
    expect(paceOf(sampled([0, 10], [1_000, 10]), progress(10, 100))).toEqual({ rate: 0 });
  });

  test('forgets what is older than 30 seconds', () => {
    expect(paceOf(sampled([0, 0], [60_000, 10], [61_000, 30]), progress(30, 50))).toEqual({ rate: 20, etaSeconds: 1 });
  });

  test('begins anew when the work does', () => {
    expect(paceOf(sampled([0, 0], [1_000, 1_000], [2_000, 5], [3_000, 10]), progress(10))).toEqual({ rate: 5 });
  });

  test('is never late: more done than there was to do ends in 0 seconds', () => {
    expect(paceOf(sampled([0, 0], [1_000, 120]), progress(120, 100)).etaSeconds).toBe(0);
  });
});
