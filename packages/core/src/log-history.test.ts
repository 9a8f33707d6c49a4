import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isOfHistory, type LogFork, type LogHistory, sharedUntil } from './log-history.ts';

const id = '0199f0a0-0000-7000-8000-000000000001';
const history = (timeline: number, ...forks: LogFork[]): LogHistory => ({ log: { id, timeline }, forks });
const fork = (timeline: number, parent: number, afterPosition: number): LogFork => ({ timeline, parent, afterPosition });

describe('a position', () => {
  test.each([
    ['of the present timeline is always of the present history', history(2, fork(2, 1, 5)), 2, 99, true],
    ['of an earlier one is, up to where it was left', history(2, fork(2, 1, 5)), 1, 5, true],
    ['of an earlier one is not, from there on', history(2, fork(2, 1, 5)), 1, 6, false],
    ['counts for the earliest fork above it', history(3, fork(2, 1, 9), fork(3, 2, 4)), 1, 5, false],
    ['of a timeline that was itself left out is not beyond where that began', history(4, fork(2, 1, 4), fork(4, 1, 9)), 2, 5, false],
    ['of such a timeline is, before that', history(4, fork(2, 1, 4), fork(4, 1, 9)), 2, 4, true],
    ['of a timeline that nobody knows is not', history(2, fork(2, 1, 5)), 7, 1, false],
  ])('%s', (_rule, of, timeline, position, expected) => {
    expect(isOfHistory(of, { id, timeline, position })).toBe(expected);
  });

  test('of another log is never, not even its beginning', () => {
    expect(isOfHistory(history(1), { id: '0199f0a0-0000-7000-8000-000000000002', timeline: 1, position: 0 })).toBe(false);
  });

  test('is judged also if what is recorded of timelines goes in a circle', () => {
    expect(sharedUntil(history(3, fork(3, 2, 7), fork(2, 3, 5)), { id, timeline: 1 })).toBe(0);
  });
});

/** Logs as lists of events: a restore of any of them to any position is a new one, and so is judged by comparing events. */
interface Model {
  readonly logs: Map<number, number[]>;
  readonly forks: LogFork[];
}

const restores = fc.array(fc.record({ of: fc.nat(), to: fc.nat(), appended: fc.nat({ max: 4 }) }), { maxLength: 7 });

function modelOf(steps: readonly { readonly of: number; readonly to: number; readonly appended: number }[]): Model {
  let event = 0;
  const events = (count: number): number[] => Array.from({ length: count }, () => ++event);
  const model: Model = { logs: new Map([[1, events(5)]]), forks: [] };
  for (const { of, to, appended } of steps) {
    const parent = 1 + (of % model.logs.size);
    const known = model.logs.get(parent) ?? [];
    const afterPosition = to % (known.length + 1);
    const timeline = model.logs.size + 1;
    model.logs.set(timeline, [...known.slice(0, afterPosition), ...events(appended)]);
    model.forks.push({ timeline, parent, afterPosition });
  }
  return model;
}

test('a position is of the present history if and only if both logs have the same event there', () => {
  fc.assert(
    fc.property(restores, (steps) => {
      const { logs, forks } = modelOf(steps);
      for (const [present, events] of logs) {
        for (const [timeline, others] of logs) {
          const of = { log: { id, timeline: present }, forks };
          const judged = others.map((_, index) => isOfHistory(of, { id, timeline, position: index + 1 }));
          expect(judged).toEqual(others.map((event, index) => events[index] === event));
        }
      }
    }),
  );
});
