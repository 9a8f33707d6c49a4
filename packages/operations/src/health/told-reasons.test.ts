import { expect, test } from 'vitest';
import { toldReasons } from './told-reasons.ts';

test('parts with one reason are named together, so that it is said once', () => {
  const gone = 'event_store cannot be reached';
  const parts = ['event_store', 'jobs', 'timers', 'webhooks', 'delivery'].map((name) => [name, gone] as const);
  expect(toldReasons(parts)).toBe('event_store, jobs, timers and 2 more: event_store cannot be reached');
  expect(toldReasons([...parts, ['command_db', 'timeout']])).toMatch(/^event_store, jobs, .*; command_db: timeout$/);
});

test('a reason that another holds is not said again, and of many the first are told', () => {
  expect(
    toldReasons([
      ['command-service', 'not ready: X is away'],
      ['work', 'X is away'],
    ]),
  ).toBe('command-service: not ready: X is away; and 1 more');
  expect(
    toldReasons([
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
    ]),
  ).toBe('a: 1; b: 2; and 1 more');
  expect(toldReasons([])).toBe('');
});
