import type { BackupManifest } from '@kiroku/backup';
import { expect, test } from 'vitest';
import { chooseBackup, chooseSearch, type Restorable } from './choose-backup.ts';

const at = (minute: number) => `2026-11-27T10:${String(minute).padStart(2, '0')}:00.000000Z`;
const now = new Date(at(50));

function backup(id: string, minute: number, position: number, reach: Restorable['reach'] = { until: 'now' }): Restorable {
  // all that choosing looks at
  const manifest = { id, finishedAt: `2026-11-27T10:${String(minute).padStart(2, '0')}:00.000Z`, head: { position } } as BackupManifest;
  return { manifest, reach, isLeft: false };
}

const restorable = [backup('a', 10, 100), backup('b', 20, 200)];
const commit = (lastPosition: number, minute: number, next: number | null) => ({
  lastPosition,
  recordedAt: at(minute),
  xid: '777',
  nextRecordedAt: next === null ? null : at(next),
});

test('the latest is the newest backup and the log after it', () => {
  expect(chooseBackup({ kind: 'latest' }, { restorable, now })).toMatchObject({ manifest: { id: 'b' }, target: { kind: 'end of log' } });
});

test('a backup alone is restored to its own end', () => {
  const choice = chooseBackup({ kind: 'backup', id: 'a' }, { restorable, now });
  expect(choice).toMatchObject({ manifest: { id: 'a' }, target: { kind: 'end of backup' } });
  expect(() => chooseBackup({ kind: 'backup', id: 'x' }, { restorable, now })).toThrow(/kiroku backup list/);
});

test('a time is reached from the newest backup that ended by then', () => {
  const idAt = (minute: number) => chooseBackup({ kind: 'time', time: at(minute) }, { restorable, now }).manifest.id;
  expect([10, 15, 20, 45].map(idAt)).toEqual(['a', 'a', 'b', 'b']);
});

test.each([5, 55])('what nothing reaches is refused with what can be (minute %i)', (minute) => {
  expect(() => chooseBackup({ kind: 'time', time: at(minute) }, { restorable, now })).toThrow(
    /The earliest is 2026-11-27T10:10.*the latest 2026-11-27T10:50/,
  );
});

test('an event that was recorded just at that time is restored, though it was committed a moment later', () => {
  const target = (minute: number) =>
    chooseBackup({ kind: 'time', time: at(45) }, { restorable, now, commit: commit(300, minute, 46) }).target;
  expect(target(45)).toEqual({ kind: 'transaction', xid: '777' });
  expect(target(44)).toEqual({ kind: 'time', time: at(45) });
});

test('on several servers, which have only the time in common, it is reached by the time', () => {
  const several = restorable.map((one) => ({ ...one, manifest: { ...one.manifest, pgbackrest: [{}, {}] } as unknown as BackupManifest })); // how many
  const choice = chooseBackup({ kind: 'time', time: at(45) }, { restorable: several, now, commit: commit(300, 45, 46) });
  expect(choice.target).toEqual({ kind: 'time', time: at(45) });
});

test('a position is reached over the transaction that made it', () => {
  const choice = chooseBackup({ kind: 'position', position: 149 }, { restorable, now, commit: commit(150, 15, 16) });
  expect(choice).toMatchObject({ manifest: { id: 'a' }, target: { kind: 'transaction', xid: '777' } });
});

test('a position that a backup ended with needs no log', () => {
  const choice = chooseBackup({ kind: 'position', position: 100 }, { restorable, now, commit: commit(100, 9, 11) });
  expect(choice).toMatchObject({ manifest: { id: 'a' }, target: { kind: 'end of backup' } });
});

test('a position before the first backup, or after the end of the log, is refused', () => {
  expect(() => chooseBackup({ kind: 'position', position: 50 }, { restorable, now, commit: commit(50, 5, 6) })).toThrow(/position 50/);
  expect(() => chooseBackup({ kind: 'position', position: 999 }, { restorable, now })).toThrow(/position 999/);
});

test('a gap in the log is named when it is in the way', () => {
  const broken = [backup('a', 10, 100, { until: at(12), gap: '000000010000000000000005' })];
  const target = { kind: 'time', time: at(30) } as const;
  expect(() => chooseBackup(target, { restorable: broken, now })).toThrow(/000000010000000000000005/);
  expect(() => chooseBackup({ kind: 'latest' }, { restorable: broken, now })).toThrow(/000000010000000000000005/);
  expect(chooseBackup({ kind: 'time', time: at(11) }, { restorable: broken, now }).manifest.id).toBe('a');
});

test('a position that the log in use cannot tell of is looked for in the newest backup, and in the log after it only if it is not there', () => {
  const search = (position: number, lastRead?: string) => chooseSearch(position, { restorable, now, lastRead });
  expect(search(200)).toMatchObject({ manifest: { id: 'b' }, target: { kind: 'end of backup' } });
  expect(search(201)).toMatchObject({ manifest: { id: 'b' }, target: { kind: 'end of log' } });
  expect(search(201, at(30))).toMatchObject({ manifest: { id: 'b' }, target: { kind: 'time', time: at(30) } });
});

test('a dump has no log after it to look for a position in', () => {
  const dumps = [{ ...backup('a', 10, 100), manifest: { ...backup('a', 10, 100).manifest, method: 'pg_dump' as const } }];
  expect(() => chooseSearch(101, { restorable: dumps, now })).toThrow(/position 101/);
});

test('a backup of a history that was left is chosen by its name alone, for the log does not go on from it', () => {
  const [older, newer] = [backup('a', 10, 100), { ...backup('b', 20, 200), isLeft: true }];
  const wanted = [
    { kind: 'latest' },
    { kind: 'time', time: at(45) },
    { kind: 'position', position: 150 },
    { kind: 'backup', id: 'b' },
  ] as const;
  const chosen = wanted.map((each) => chooseBackup(each, { restorable: [older, newer], commit: commit(150, 30, null), now }).manifest.id);
  expect(chosen).toEqual(['a', 'a', 'a', 'b']);
  expect(chooseSearch(150, { restorable: [older, newer], now }).manifest.id).toBe('a');
  expect(() => chooseBackup({ kind: 'latest' }, { restorable: [newer], now })).toThrow(
    /All backups are of a history that a restore has left/,
  );
});
