import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RecentWindow } from './recent-window.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => vi.useRealTimers());

const minute = 60_000;
const year = 365 * 86_400_000;

test('looks begin at the beginning until one has found all that is due, and every minute again', () => {
  const window = new RecentWindow();
  expect(window.next().sinceMs).toBeGreaterThan(year); // and left something behind
  const full = window.next();
  expect(full.sinceMs).toBeGreaterThan(year);
  full.foundAll();
  for (let seconds = 0; seconds < 59; seconds += 1) {
    const look = window.next();
    expect(look.sinceMs).toBeLessThan(year);
    look.foundAll();
    vi.advanceTimersByTime(1_000);
  }
  vi.advanceTimersByTime(1_000);
  expect(window.next().sinceMs).toBeGreaterThan(year);
});

test('what becomes due between two looks from the beginning is within every look until the second', () => {
  const window = new RecentWindow();
  window.next().foundAll();
  vi.advanceTimersByTime(minute - 1);
  expect(window.next().sinceMs).toBeGreaterThan(minute);
});
