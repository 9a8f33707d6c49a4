import type { Job, NewJob } from '@kiroku/core';
import { jobStoreContract, throwAwayDatabase } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { PostgresOperatorAudit } from '../audit/postgres-operator-audit.ts';
import { migrate } from '../migrate/migrate.ts';
import { createPool } from '../pool.ts';
import { PostgresJobStore } from './postgres-job-store.ts';

const claimant = { owner: 'a', leaseMs: 60_000 };
const newJob = (): NewJob => ({ id: crypto.randomUUID(), verb: 'count', arguments: {}, createdBy: 'ada' });
const queued = (store: PostgresJobStore) => store.create(newJob());

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
  const job = await subject.store.create(newJob(), claimant);
  const other = await subject.store.create(newJob(), { ...claimant, owner: 'b' });
  for (let position = 1; position <= 500; position++) {
    await subject.store.report(job, { cursor: { position } }, 60_000);
    if (position === 50) await subject.store.report(other, { cursor: { position } }, 60_000);
    if (position % 100 < 3) expect((await subject.store.job(job.id)).cursor).toEqual({ position });
  }
  const { rows } = await subject.pool.query<{ count: number }>('select count(*) from kiroku.job_reports');
  expect(rows[0]?.count).toBeLessThanOrEqual(102);
  expect((await subject.store.job(other.id)).cursor).toEqual({ position: 50 });
});

test('a report or line that meets a takeover under way waits for it, and is refused', async () => {
  await using subject = await make();
  const { store, pool } = subject;
  const job = await store.create(newJob(), claimant);
  const other = await pool.connect();
  try {
    await other.query('begin');
    await other.query('update kiroku.jobs set epoch = epoch + 1 where id = $1', [job.id]);
    const report = store.report(job, { cursor: { position: 1 } }, 60_000);
    const line = store.log(job, 'late');
    const settled = await Promise.race([
      Promise.race([report, line]).then(() => 'stored'),
      new Promise((resolve) => setTimeout(() => resolve('waiting'), 200)),
    ]);
    expect(settled).toBe('waiting');
    await other.query('commit');
    for (const late of [report, line]) await expect(late).rejects.toMatchObject({ code: 'JobLost' });
  } finally {
    other.release();
  }
  expect((await store.job(job.id)).cursor).toBeUndefined();
});

test('jobs are removed in the order in which they ended, with their reports and lines, and nothing of others', async () => {
  await using subject = await make();
  const { store, pool } = subject;
  const begun = async () => {
    const job = await store.create(newJob(), claimant);
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

test('a job that another process is taking or removing holds up nobody who takes or removes others', async () => {
  await using subject = await make();
  const { store, pool } = subject;
  const [first, second] = [await queued(store), await queued(store)];
  const [done, later] = [await store.create(newJob(), claimant), await store.create(newJob(), claimant)];
  for (const job of [done, later]) await store.settle(job, { state: 'done', result: null });
  const other = await pool.connect();
  other.on('error', () => undefined);
  await other.query("begin; set local idle_in_transaction_session_timeout = '20s'"); // whoever waits for it finds it ended
  await other.query('select from kiroku.jobs where id = any ($1) for update', [[first.id, done.id]]);
  try {
    expect((await store.claim({ ...claimant, verbs: ['count'] }))?.id).toBe(second.id);
    expect(await store.prune({ endedForDays: 0, limit: 10 })).toBe(1);
  } finally {
    await other.query('commit').finally(() => {
      other.release(true);
    });
  }
  expect(await store.prune({ endedForDays: 0, limit: 10 })).toBe(1);
});

test('who pauses a job that somebody is cancelling finds it cancelled', async () => {
  await using subject = await make();
  const { store, pool } = subject;
  const job = await store.create(newJob(), claimant);
  const other = await pool.connect();
  await other.query('begin');
  await other.query("update kiroku.jobs set requested = 'cancel' where id = $1", [job.id]);
  const pausing = store.pause(job.id);
  await Promise.race([pausing, new Promise((resolve) => setTimeout(resolve, 200))]);
  await other.query('commit');
  other.release();
  expect((await pausing).requested).toBe('cancel');
});

test('a job of a release whose jobs were no actions ends, and is cancelled', async () => {
  await using subject = await make();
  const { store, pool } = subject;
  const ids = [crypto.randomUUID(), crypto.randomUUID()] as const;
  const insert =
    "insert into kiroku.jobs (id, verb, arguments, created_by, state) select unnest($1::uuid[]), 'count', '{}', 'ada', 'queued'";
  await pool.query(insert, [ids]);
  const taken = await store.claim({ ...claimant, verbs: ['count'], id: ids[0] });
  if (taken === undefined) throw new Error('it was queued');
  await store.settle(taken, { state: 'done', result: null });
  await store.cancel(ids[1]);
  expect(await Promise.all(ids.map(async (id) => (await store.job(id)).state))).toEqual(['done', 'cancelled']);
  expect(await subject.audit.actions({ limit: 10 })).toEqual([]);
});

test('jobs of the same moment are listed one after the other', async () => {
  await using subject = await make();
  const { store, pool } = subject;
  const ids = (await Promise.all([1, 2, 3, 4].map(() => queued(store)))).map(({ id }) => id);
  await pool.query('update kiroku.jobs set created_at = statement_timestamp()');
  const listed: Job[] = [];
  for (let pages = 0; pages < 4; pages++) {
    const before = listed.at(-1);
    listed.push(...(await store.jobs({ limit: 1, ...(before && { before }) })));
  }
  expect(listed.map(({ id }) => id)).toEqual(ids.sort().reverse());
});

test('a job has begun when it was first taken, however often it is taken up again', async () => {
  await using subject = await make();
  const { store } = subject;
  const job = await queued(store);
  const take = () => store.claim({ ...claimant, verbs: ['count'] });
  const first = await take();
  if (first === undefined) throw new Error('it was created');
  expect(first.startedAt).toMatch(/Z$/);
  await store.settle(first, { state: 'queued' });
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect((await take())?.startedAt).toBe(first.startedAt);
  expect((await store.job(job.id)).epoch).toBe(2);
});
