import { expect, test } from 'vitest';
import type { Migration } from './migration-files.ts';
import { type AppliedMigration, planMigrations } from './plan-migrations.ts';

const file = (number: number, name = `step_${number}`, checksum = `sum-${number}`): Migration => ({ number, name, sql: '', checksum });
const was = (number: number, name = `step_${number}`, checksum = `sum-${number}`): AppliedMigration => ({
  number,
  name,
  checksum,
  appliedAt: '2026-11-24T10:00:00.000000Z',
});
const plan = (files: Migration[], applied: AppliedMigration[]) => planMigrations('event_store', files, applied);

test('an empty database gets every migration in order', () => {
  expect(plan([file(1), file(2)], []).map(({ number }) => number)).toEqual([1, 2]);
});

test('what is applied is not applied again', () => {
  expect(plan([file(1), file(2)], [was(1)]).map(({ number }) => number)).toEqual([2]);
});

test('a file that was edited after it was applied is refused', () => {
  expect(() => plan([file(1, 'step_1', 'edited')], [was(1)])).toThrow(expect.objectContaining({ code: 'MigrationChanged' }));
});

test('a file that was renamed after it was applied is refused', () => {
  expect(() => plan([file(1, 'other')], [was(1)])).toThrow(expect.objectContaining({ code: 'MigrationChanged' }));
});

test('a migration slipped in before one that is applied is refused', () => {
  expect(() => plan([file(1), file(2)], [was(2)])).toThrow(expect.objectContaining({ code: 'MigrationChanged' }));
});

test('a database that is newer than the code is refused', () => {
  expect(() => plan([file(1)], [was(1), was(2)])).toThrow(expect.objectContaining({ code: 'SchemaTooNew' }));
});
