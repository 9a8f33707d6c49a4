import { throwAwayDatabase } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { PostgresEventStore } from '../event-store/postgres-event-store.ts';
import { migrate } from '../migrate/migrate.ts';
import { createPool } from '../pool.ts';
import { PostgresSafetyReports } from '../safety/postgres-safety-reports.ts';
import { PostgresFigures } from './postgres-figures.ts';

test('figures say how old backups and drills are, whether the last went well, and who is of another history', async () => {
  await using log = await throwAwayDatabase('event_store', migrate);
  await using work = await throwAwayDatabase('command_db', migrate);
  await using rows = await throwAwayDatabase('query_db', migrate);
  const urls = { event_store: log.serviceUrl, command_db: work.serviceUrl, query_db: rows.serviceUrl };
  await using stored = new PostgresFigures({ urls, applicationName: 'test' });
  const figures = stored.safety;
  await using store = new PostgresEventStore({ url: log.serviceUrl });
  expect([await figures.ages(), await figures.loggingForSeconds()]).toEqual([[], 0]);
  expect(await figures.archives()).not.toContainEqual(expect.objectContaining({ failing: true }));

  await store.append({ streams: [{ stream: 'order-1', expectedVersion: 'any', events: [{ type: 'Placed', data: {} }] }] });
  const pool = createPool({ url: work.serviceUrl, applicationName: 'test', max: 1 });
  const reports = new PostgresSafetyReports({ pool });
  const at = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
  await reports.record({ kind: 'drill', id: 'a', at: at(2), succeeded: true, report: { rtoSeconds: 40, rpoSeconds: 0.5 } });
  await reports.record({ kind: 'drill', id: 'b', at: at(1), succeeded: false, report: {} });
  await reports.record({ kind: 'backup', id: 'c', at: at(3), succeeded: false, report: {} });
  const drill = { kind: 'drill', lastWentWell: false, rtoSeconds: 40, rpoSeconds: 0.5, goodSeconds: expect.closeTo(7_200, -2) };
  const backup = { kind: 'backup', lastWentWell: false, rtoSeconds: null, rpoSeconds: null, goodSeconds: null };
  expect(await figures.ages()).toEqual(expect.arrayContaining([drill, backup]));
  await new Promise((resolve) => setTimeout(resolve, 100));
  await store.append({ streams: [{ stream: 'order-1', expectedVersion: 'any', events: [{ type: 'Paid', data: {} }] }] });
  expect(await figures.loggingForSeconds()).toBeGreaterThan(0.1);

  // what could not be tried has not failed, and the age of the last good one goes on growing
  await reports.record({ kind: 'drill', id: 'd', at: at(0.8), succeeded: true, report: {} });
  await reports.record({ kind: 'drill', id: 'e', at: at(0.5), succeeded: false, report: { tried: false } });
  expect(await figures.ages()).toContainEqual(
    expect.objectContaining({ kind: 'drill', lastWentWell: true, goodSeconds: expect.closeTo(2_880, -2) }),
  );

  const { id } = (await store.head()).log;
  const follow = `insert into kiroku.process_managers (name, log_id, timeline) values ('same', $1, 1), ('restored', $1, 2), ('elsewhere', gen_random_uuid(), 1)`;
  await pool.query(follow, [id]);
  await pool.end();
  expect(await figures.otherHistories()).toEqual({ processManagers: 2, consumers: 0, readModels: 0 });
});

test('a kind of report says nothing of another, and the latest of each counts', async () => {
  await using work = await throwAwayDatabase('command_db', migrate);
  const [url, pool] = [work.serviceUrl, createPool({ url: work.serviceUrl, applicationName: 'test', max: 1 })];
  await using figures = new PostgresFigures({ urls: { event_store: url, command_db: url, query_db: url }, applicationName: 'test' });
  const reports = new PostgresSafetyReports({ pool });
  const record = (kind: 'backup' | 'drill', hours: number, succeeded: boolean, report = {}) =>
    reports.record({ kind, id: String(hours), at: new Date(Date.now() - hours * 3_600_000).toISOString(), succeeded, report });
  await record('drill', 200, false, { tried: false });
  await record('drill', 100, false);
  const age = (kind: string, lastWentWell: boolean, hours?: number) =>
    expect.objectContaining({ kind, lastWentWell, goodSeconds: hours === undefined ? null : expect.closeTo(hours * 3_600, -2) });
  expect(await figures.safety.ages()).toEqual([age('drill', false)]);
  await record('backup', 4, true);
  await record('drill', 2, true);
  expect(await figures.safety.ages()).toEqual([age('backup', true, 4), age('drill', true, 2)]);
  await record('drill', 1, false);
  expect(await figures.safety.ages()).toEqual([age('backup', true, 4), age('drill', false, 2)]);
  await pool.end();
});

test('where no drill could ever be tried, its age is since the first, and none has failed', async () => {
  await using work = await throwAwayDatabase('command_db', migrate);
  const [url, pool] = [work.serviceUrl, createPool({ url: work.serviceUrl, applicationName: 'test', max: 1 })];
  await using figures = new PostgresFigures({ urls: { event_store: url, command_db: url, query_db: url }, applicationName: 'test' });
  const at = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
  for (const [id, hours] of [
    ['a', 200],
    ['b', 2],
  ] as const)
    await new PostgresSafetyReports({ pool }).record({ kind: 'drill', id, at: at(hours), succeeded: false, report: { tried: false } });
  await pool.end();
  expect(await figures.safety.ages()).toMatchObject([{ kind: 'drill', lastWentWell: null, goodSeconds: expect.closeTo(720_000, -2) }]);
});
