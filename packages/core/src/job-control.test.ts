import { describe, expect, test } from 'vitest';
import { controlJob, type JobControl } from './job-control.ts';
import type { JobRequest, JobState } from './ports/job-store.ts';

const control = (state: JobState, what: JobControl, { owned = false, requested }: { owned?: boolean; requested?: JobRequest } = {}) =>
  controlJob({ id: 'j', state, ...(requested && { requested }) }, what, owned);

describe('a job', () => {
  test.each<[JobState, JobControl, JobState]>([
    ['queued', 'pause', 'paused'],
    ['queued', 'cancel', 'cancelled'],
    ['queued', 'resume', 'queued'],
    ['paused', 'resume', 'queued'],
    ['paused', 'cancel', 'cancelled'],
    ['failed', 'resume', 'queued'],
    ['failed', 'cancel', 'cancelled'],
  ])('that is %s and that nobody runs: %s makes it %s', (state, what, then) => {
    expect(control(state, what)).toEqual({ state: then });
  });

  test('that runs is asked, and stays running until its owner has heard', () => {
    expect(control('running', 'pause', { owned: true })).toEqual({ state: 'running', requested: 'pause' });
    expect(control('running', 'cancel', { owned: true })).toEqual({ state: 'running', requested: 'cancel' });
    expect(control('running', 'resume', { owned: true, requested: 'pause' })).toEqual({ state: 'running' });
  });

  test('that is to be cancelled is not merely paused', () => {
    expect(control('running', 'pause', { owned: true, requested: 'cancel' })).toEqual({ state: 'running', requested: 'cancel' });
  });

  test('whose owner is gone obeys at once', () => {
    expect(control('running', 'cancel')).toEqual({ state: 'cancelled' });
    expect(control('running', 'resume')).toEqual({ state: 'queued' });
  });

  test.each<[JobState, JobControl]>([
    ['done', 'pause'],
    ['done', 'resume'],
    ['done', 'cancel'],
    ['cancelled', 'resume'],
    ['failed', 'pause'],
  ])('that is %s refuses %s', (state, what) => {
    expect(() => control(state, what)).toThrow(expect.objectContaining({ code: 'JobEnded' }));
  });
});
