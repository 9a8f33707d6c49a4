import type { JsonObject, RecordedEvent } from '@kiroku/core';
import { foldLog } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { branchDays } from './projections.ts';

const recorded = (position: number, type: string, data: JsonObject): RecordedEvent => ({
  position,
  type,
  data,
  stream: 'book-1',
  version: position,
  id: `e-${position}`,
  schemaVersion: 1,
  metadata: {},
  tags: [],
  recordedAt: `2026-11-2${position}T10:00:00.000Z`,
});

test('the example counts what each branch lends and gets back, by day', () => {
  const data = { bookId: '7c5be1fb-3a8f-4b7e-9b53-9d3f2a5d6b11', reader: 'Hanako', branch: 'main' };
  const log = [recorded(1, 'BookLent', data), recorded(2, 'BookReturned', data)];
  expect(foldLog(branchDays, log).get('day')).toEqual([
    { branch: 'main', day: '2026-11-21', lent: 1, returned: 0 },
    { branch: 'main', day: '2026-11-22', lent: 0, returned: 1 },
  ]);
});
