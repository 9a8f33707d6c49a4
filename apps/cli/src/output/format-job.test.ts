import { stripVTControlCharacters } from 'node:util';
import type { Job } from '@kiroku/core';
import { expect, test } from 'vitest';
import { formatJob, formatPace, formatProgress } from './format-job.ts';

test('progress says how much of what', () => {
  expect(formatProgress({ done: 12_000, total: 50_000, unit: 'events' })).toBe('12,000 of 50,000 events (24 %)');
  expect(formatProgress({ done: 49_999, total: 50_000, unit: 'events' })).toContain('(99 %)');
  expect(formatProgress({ done: 0, total: 0, unit: 'events' })).toContain('(100 %)');
  expect(formatProgress({ done: 7, unit: 'streams' })).toBe('7 streams');
});

test('the pace is said as far as it is known', () => {
  expect(formatPace({})).toBe('');
  expect(formatPace({ rate: 0.25 })).toBe('0.3/s');
  expect(formatPace({ rate: 0 })).toBe('0/s');
  expect(formatPace({ rate: 123_456.7, etaSeconds: 185 })).toBe('123,457/s, 3 min 5 s left');
});

test('a log of which the end is shown says how to go on', () => {
  const job: Job = { id: 'j', verb: 'count', arguments: {}, createdBy: 'ada', state: 'done', epoch: 1, createdAt: '2026-11-24T10:00:00Z' };
  const lines = [{ number: 7, at: '2026-11-24T10:00:01Z', text: 'nearly' }];
  const shown = (linesBefore: number | null) => stripVTControlCharacters(formatJob({ job, lines, linesBefore }));
  expect(shown(7)).toMatch(/\n\n {2}there is more before: --before 7\n {2}2026-11-24 10:00:01 nearly$/);
  expect(shown(null)).not.toContain('--before');
});
