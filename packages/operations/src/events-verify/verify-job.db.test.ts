import { KirokuError } from '@kiroku/core';
import type { JobContext } from '@kiroku/engine';
import { migrate, PostgresEventStore } from '@kiroku/postgres';
import { throwAwayDatabase } from '@kiroku/testing';
import pg from 'pg';
import { expect, test } from 'vitest';
import { type VerifyArguments, type VerifyCursor, verifyJob } from './verify-job.ts';

type Context = JobContext<VerifyArguments, VerifyCursor>;

function contextOf(wanted: Partial<VerifyArguments>, more: Partial<Context> = {}): Context {
  return {
    id: 'job-1',
    arguments: { deep: true, against: [], ...wanted },
    epoch: 1,
    cursor: undefined,
    signal: new AbortController().signal,
    report: () => undefined,
    saved: () => Promise.resolve(),
    log: () => undefined,
    ...more,
  };
}

/** 50,000 events, three pages of a verification, in which the events at these positions were altered. */
async function logOf50000(altered: readonly number[]) {
  const database = await throwAwayDatabase('event_store', migrate);
  await using store = new PostgresEventStore({ url: database.serviceUrl });
  for (let n = 0; n < 50; n++) {
    const events = Array.from({ length: 1_000 }, () => ({ type: 'Moved', data: { n } }));
    await store.append({ streams: [{ stream: `order-${n % 7}`, expectedVersion: 'any', events }] });
  }
  const superuser = new pg.Client({ connectionString: database.url });
  await superuser.connect();
  await superuser.query(`update kiroku.events set data = '{}' where position = any ($1)`, [altered]);
  await superuser.end();
  return database;
}

test('a verification that was interrupted goes on with what it had found, and finds the same as one that was not', async () => {
  await using database = await logOf50000([10, 25_000, 49_000]);
  const job = verifyJob({ event_store: database.serviceUrl });
  const whole = await job.run(contextOf({}));
  expect(whole.findings.map(({ position }) => position)).toEqual([10, 25_000, 49_000]);

  let cursor: VerifyCursor | undefined;
  const progress: number[] = [];
  for (let runs = 0; runs < 10; runs++) {
    const stopped = new AbortController();
    const report: Context['report'] = ({ done }, at) => {
      progress.push(done);
      cursor = JSON.parse(JSON.stringify(at)); // as it comes back from the database
      stopped.abort(new KirokuError('JobInterrupted', 'paused'));
    };
    const run = job.run(contextOf({}, { cursor, report, signal: stopped.signal }));
    if (cursor?.after === 50_000) {
      expect(await run).toEqual(whole);
      break;
    }
    await expect(run).rejects.toMatchObject({ code: 'JobInterrupted' });
  }
  expect(progress).toEqual([20_000, 40_000, 50_000]);
});

test('a range is verified alone', async () => {
  await using database = await logOf50000([10, 25_000]);
  const report = await verifyJob({ event_store: database.serviceUrl }).run(contextOf({ from: 24_500, to: 24_600 }));
  expect(report).toMatchObject({
    fromPosition: 24_001,
    toPosition: 25_000,
    total: 1,
    findings: [{ kind: 'EventAltered', position: 25_000 }],
  });
});
