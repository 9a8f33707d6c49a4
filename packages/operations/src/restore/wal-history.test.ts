import type { PhysicalBackup } from '@kiroku/backup';
import { expect, test } from 'vitest';
import { isOfLeftHistory, newestHistoryFile, parseWalHistory } from './wal-history.ts';

const history = parseWalHistory(
  '00000003.history',
  '1\t0/5000028\tbefore 2026-11-27 10:00:00+00\n\n2\t0/A000000\tbefore transaction 777\n',
);
const physical = (walTimeline: number, stopLsn: string) => ({ physical: { walTimeline, stopLsn } as PhysicalBackup }); // all that it looks at

test.each([
  ['of the present timeline', physical(3, '0/B000000'), false],
  ['that ended before its timeline was left', physical(1, '0/5000028'), false],
  ['that ended after it', physical(1, '0/5000030'), true],
  ['of a timeline that did not lead to the present', physical(2, '0/A000001'), true],
  ['of a timeline that nothing is known of yet', physical(4, '0/1'), false],
  ['that is no copy of the cluster', {}, false],
])('a backup %s', (_, backup, isLeft) => {
  expect(isOfLeftHistory(backup, history)).toBe(isLeft);
});

test('on the first timeline, nothing was left', () => {
  expect(newestHistoryFile(['000000010000000000000003'])).toBeUndefined();
  expect(isOfLeftHistory(physical(1, '0/5000030'), undefined)).toBe(false);
});

test('the newest history is that of the greatest timeline', () => {
  expect(newestHistoryFile(['0000000A.history', '00000003.history', '0000000B0000000000000003'])).toBe('0000000A.history');
});
