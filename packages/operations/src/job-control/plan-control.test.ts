import type { Job } from '@kiroku/core';
import { describe, expect, test } from 'vitest';
import { planControl } from './plan-control.ts';

const now = Date.parse('2026-11-24T10:00:00Z');
const job = (more: Partial<Job>): Job => ({
  id: 'j',
  verb: 'count',
  arguments: {},
  createdBy: 'ada',
  createdAt: '2026-11-24T09:00:00Z',
  epoch: 1,
  state: 'queued',
  ...more,
});

describe('the plan of a control', () => {
  test('says what a job that nobody runs becomes', () => {
    expect(planControl(job({}), 'pause', now)).toBe('Job j is queued, and then paused.');
    expect(planControl(job({}), 'resume', now)).toBe('Job j stays queued.');
  });

  test('says who is asked', () => {
    const running = job({ state: 'running', owner: 'cli a:1', leasedUntil: '2026-11-24T10:00:05Z' });
    expect(planControl(running, 'cancel', now)).toBe('cli a:1 runs job j. It is asked to cancel it, and does so within a second.');
  });

  test('asks nobody who has gone silent', () => {
    const left = job({ state: 'running', owner: 'cli a:1', leasedUntil: '2026-11-24T09:59:55Z' });
    expect(planControl(left, 'cancel', now)).toBe('Job j is running, and then cancelled.');
  });

  test('says that what a rebuild has built goes with it', () => {
    expect(planControl(job({ state: 'failed', verb: 'projection rebuild' }), 'cancel', now)).toBe(
      'Job j is failed, and then cancelled. What it has built is dropped, unless it is read.',
    );
  });

  test('refuses what cannot be done', () => {
    expect(() => planControl(job({ state: 'done' }), 'pause', now)).toThrow(expect.objectContaining({ code: 'JobEnded' }));
  });
});
