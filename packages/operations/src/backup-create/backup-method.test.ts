import { expect, test } from 'vitest';
import { onlyWhenAsked } from '../config/installation.test-service.ts';
import { backupMethod } from './backup-method.ts';

const databases = { event_store: 'postgres://a/e', command_db: 'postgres://a/c', query_db: 'postgres://a/q' };

test('the embedded server is copied, a server dumped, or left to pgBackRest where that is set up', () => {
  expect(backupMethod({ backup: onlyWhenAsked, databases: undefined })).toBe('embedded');
  expect(backupMethod({ backup: onlyWhenAsked, databases })).toBe('pg_dump');
  expect(backupMethod({ backup: { ...onlyWhenAsked, pgbackrest: { stanzas: ['main'] } }, databases })).toBe('pgbackrest');
});

test('what is asked for wins', () => {
  expect(backupMethod({ backup: { ...onlyWhenAsked, method: 'pg_dump' }, databases: undefined })).toBe('pg_dump');
});

test('a server elsewhere cannot be copied from here', () => {
  expect(() => backupMethod({ backup: { ...onlyWhenAsked, method: 'embedded' }, databases })).toThrow(/DATABASE_URL/);
});
