import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { formatSaga, formatSagaRow, formatStatsRow } from './format-saga.ts';

const times = { startedAt: '2026-11-24T10:00:00.123456Z', updatedAt: '2026-11-24T10:00:05Z', endedAt: null };
const saga = { processManager: 'fulfilment', id: 'o-1', status: 'failed', failure: 'it cannot be undone', ...times } as const;

test('a saga is shown with where it stands, what it waits for and what happened', () => {
  const shown = formatSaga({
    ...saga,
    state: { phase: 'compensating', step: 'reserve stock', reason: 'no stock' },
    history: [{ number: 7, at: times.startedAt, kind: 'event', what: 'OrderPlaced', reference: 'e-1' }],
    historyBefore: 7,
    commands: [{ id: 'c-1', type: 'ReleaseStock', sentAt: times.startedAt, attempts: 10, parked: true, lastError: 'Internal: no' }],
    timers: [{ name: 'timeout', dueAt: '2026-11-24T10:01:00Z' }],
  });
  expect(
    stripVTControlCharacters(shown)
      .split('\n')
      .map((line) => line.trim()),
  ).toEqual([
    'o-1  fulfilment',
    'state     failed',
    'phase     compensating',
    'step      reserve stock',
    'why       it cannot be undone',
    'started   2026-11-24 10:00:00',
    '',
    'waits for',
    'ReleaseStock: parked: Internal: no',
    'timer timeout, 2026-11-24 10:01:00',
    '',
    'timeline',
    'there is more before: --before 7',
    '2026-11-24 10:00:00 event     OrderPlaced',
  ]);
});

test('a list says why a saga does not go on', () => {
  const row = { ...saga, failure: null, phase: 'running', step: 'pay', reason: null, parked: 2, lastError: null };
  expect(formatSagaRow(row)).toEqual(['o-1', 'fulfilment', 'failed', 'running: pay', '2026-11-24 10:00:05', '2 parked']);
  expect(formatSagaRow({ ...row, parked: 0, reason: 'declined' }).at(-1)).toBe('declined');
  const failing = { ...row, lastError: 'ServiceUnavailable: It has not answered.' };
  expect(formatSagaRow(failing).at(-1)).toBe('2 parked: ServiceUnavailable: It has not answered.');
  expect(formatSagaRow({ ...failing, parked: 0 }).at(-1)).toBe('ServiceUnavailable: It has not answered.');
  expect(formatSagaRow({ ...row, parked: 0 }).at(-1)).toBe('-');
});

test('statistics say how many ended whole, and how old the oldest is', () => {
  const counts = { started: 10, running: 2, completed: 6, compensated: 1, failed: 1, stuck: 0 };
  const stats = { processManager: 'fulfilment', ...counts, completionRate: 0.875, oldestRunning: '2026-11-24T10:00:00Z' };
  const row = formatStatsRow(stats, Date.parse('2026-11-24T10:02:05Z'));
  expect(row).toEqual(['fulfilment', '10', '2', '6', '1', '1', '0', '87.50 %', '2 min 5 s']);
});
