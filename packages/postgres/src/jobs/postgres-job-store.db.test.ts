import { jobStoreContract, throwAwayDatabase } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { PostgresOperatorAudit } from '../audit/postgres-operator-audit.ts';
import { migrate } from '../migrate/migrate.ts';
import { createPool } from '../pool.ts';
import { PostgresJobStore } from './postgres-job-store.ts';

async function make() {
  const database = await throwAwayDatabase('command_db', migrate);
  const pool = createPool({ url: database.serviceUrl, applicationName: 'kiroku-tests' });
  return {
    store: new PostgresJobStore({ pool }),
    audit: new PostgresOperatorAudit({ pool }),
    pool,
    async [Symbol.asyncDispose]() {
      await pool.end();
      await database[Symbol.asyncDispose]();
    },
  };
}

jobStoreContract('PostgresJobStore', make);

test('outdated reports are removed in passing', async () => {
  await using subject = await make();
  const job = await subject.store.create(
    { id: crypto.randomUUID(), verb: 'count', arguments: {}, createdBy: 'ada' },
    { owner: 'a', leaseMs: 60_000 },
  );
  for (let position = 1; position <= 500; position++) await subject.store.report(job, { cursor: { position } }, 60_000);
  const { rows } = await subject.pool.query<{ count: number }>('select count(*) from kiroku.job_reports');
  expect(rows[0]?.count).toBeLessThanOrEqual(102);
  expect((await subject.store.job(job.id)).cursor).toEqual({ position: 500 });
});

test('a report that meets a takeover under way waits for it, and is refused', async () => {
  await using subject = await make();
  const { store, pool } = subject;
  const job = await store.create(
    { id: crypto.randomUUID(), verb: 'count', arguments: {}, createdBy: 'ada' },
    { owner: 'a', leaseMs: 60_000 },
  );
  const other = await pool.connect();
  try {
    await other.query('begin');
    await other.query('update kiroku.jobs set epoch = epoch + 1 where id = $1', [job.id]);
    const report = store.report(job, { cursor: { position: 1 } }, 60_000);
    const settled = await Promise.race([report.then(() => 'stored'), new Promise((resolve) => setTimeout(() => resolve('waiting'), 200))]);
    expect(settled).toBe('waiting');
    await other.query('commit');
    await expect(report).rejects.toMatchObject({ code: 'JobLost' });
  } finally {
    other.release();
  }
  expect((await store.job(job.id)).cursor).toBeUndefined();
});

test('jobs are removed in the order in which they ended, with their reports and lines, and nothing of others', async () => {
  await using subject = await make();
  const { store, pool } = subject;
  const begun = async () => {
    const job = await store.create(
      { id: crypto.randomUUID(), verb: 'count', arguments: {}, createdBy: 'ada' },
      { owner: 'a', leaseMs: 60_000 },
    );
    await store.report(job, { progress: { done: 1, unit: 'events' } }, 60_000);
    await store.log(job, 'one');
    return job;
  };
  const [last, open, first] = [await begun(), await begun(), await begun()];
  for (const job of [first, last]) await store.settle(job, { state: 'done', result: null });
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await store.prune({ endedForDays: 0, limit: 1 })).toBe(1);
  await expect(store.job(first.id)).rejects.toMatchObject({ code: 'NotFound' });
  for (const table of ['job_reports', 'job_lines']) {
    const { rows } = await pool.query<{ job: string }>(`select distinct job from kiroku.${table}`);
    expect(rows.map(({ job }) => job).sort()).toEqual([last.id, open.id].sort());
  }
});

test('a job has begun when it was first taken, however often it is taken up again', async () => {
  await using subject = await make();
  const { store } = subject;
  const job = await store.create({ id: crypto.randomUUID(), verb: 'count', arguments: {}, createdBy: 'ada' });
  const take = () => store.claim({ owner: 'a', leaseMs: 60_000, verbs: ['count'] });
  const first = await take();
  if (first === undefined) throw new Error('it was created');
  expect(first.startedAt).toMatch(/Z$/);
  await store.settle(first, { state: 'queued' });
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect((await take())?.startedAt).toBe(first.startedAt);
  expect((await store.job(job.id)).epoch).toBe(2);
});
