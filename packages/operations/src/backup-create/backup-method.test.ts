import { expect, test } from 'vitest';
import type { BackupSettings } from '../config/backup-settings.ts';
import { backupMethod } from './backup-method.ts';

const settings: BackupSettings = {
  repository: { place: '/backups' },
  besideData: false,
  method: 'auto',
  pgbackrest: { stanzas: [] },
  schedule: undefined,
  drillSchedule: undefined,
  keepDays: 30,
  archiveTimeoutSeconds: 60,
};
const databases = { event_store: 'postgres://a/e', command_db: 'postgres://a/c', query_db: 'postgres://a/q' };

test('the embedded server is copied, a server dumped, or left to pgBackRest where that is set up', () => {
  expect(backupMethod({ backup: settings, databases: undefined })).toBe('embedded');
  expect(backupMethod({ backup: settings, databases })).toBe('pg_dump');
  expect(backupMethod({ backup: { ...settings, pgbackrest: { stanzas: ['main'] } }, databases })).toBe('pgbackrest');
});

test('what is asked for wins', () => {
  expect(backupMethod({ backup: { ...settings, method: 'pg_dump' }, databases: undefined })).toBe('pg_dump');
});

test('a server elsewhere cannot be copied from here', () => {
  expect(() => backupMethod({ backup: { ...settings, method: 'embedded' }, databases })).toThrow(/DATABASE_URL/);
});
