import { throwAwayDatabase } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { migrate } from '../migrate/migrate.ts';
import { createPool } from '../pool.ts';
import { PostgresSafetyReports } from './postgres-safety-reports.ts';

test('the latest report of each kind is told, and the latest that went well; none is altered', async () => {
  await using database = await throwAwayDatabase('command_db', migrate);
  const pool = createPool({ url: database.serviceUrl, applicationName: 'test', max: 1 });
  const reports = new PostgresSafetyReports({ pool });
  expect(await reports.latest()).toEqual({});
  await reports.record({ kind: 'drill', id: 'earlier', at: '2026-11-13T04:00:00Z', succeeded: true, report: {} });
  await reports.record({ kind: 'drill', id: 'a', at: '2026-11-20T04:00:00Z', succeeded: true, report: { rtoSeconds: 40 } });
  await reports.record({ kind: 'drill', id: 'b', at: '2026-11-27T04:00:00Z', succeeded: false, report: {} });
  await reports.record({ kind: 'drill', id: 'b', succeeded: true, report: {} });
  await reports.record({ kind: 'drill', id: 'late', at: '2026-11-14T04:00:00Z', succeeded: false, report: {} });
  for (const kind of ['backup', 'archive', 'doctor'] as const) await reports.record({ kind, id: 'c', succeeded: true, report: {} });
  expect(await reports.latest()).toMatchObject({
    drill: { latest: { id: 'b', succeeded: false }, good: { id: 'a', at: '2026-11-20T04:00:00.000000Z', report: { rtoSeconds: 40 } } },
    backup: { latest: { id: 'c' }, good: { id: 'c' } },
    archive: { latest: { id: 'c' }, good: { id: 'c' } },
    doctor: { latest: { id: 'c' }, good: { id: 'c' } },
  });
  await expect(pool.query('update kiroku.safety_reports set succeeded = true')).rejects.toMatchObject({ code: '42501' });
  await expect(pool.query('delete from kiroku.safety_reports')).rejects.toMatchObject({ code: '42501' });
  await pool.end();
});
