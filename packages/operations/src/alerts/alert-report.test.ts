import { expect, test } from 'vitest';
import type { Severity } from '../alert-rules/rule.ts';
import { type Alert, mostUrgentFirst } from './alert-report.ts';
import type { AlertState } from './alert-states.ts';

const alert = (name: string, state: AlertState, severity: Severity, summary = ''): Alert => {
  return { name, state, severity, summary, labels: {}, since: '2026-11-24T10:00:00.000Z', runbook: 'a.md' };
};

test('what fires is read first, and of that what is worst', () => {
  const inOrder = [
    alert('c', 'firing', 'critical'),
    alert('a', 'firing', 'warning'),
    alert('b', 'firing', 'warning', 'of one'),
    alert('b', 'firing', 'warning', 'of two'),
    alert('a', 'firing', 'info'),
    alert('b', 'pending', 'critical'),
    alert('a', 'pending', 'warning'),
    alert('a', 'resolved', 'critical'),
  ];
  expect(inOrder.toReversed().toSorted(mostUrgentFirst)).toEqual(inOrder);
});
