import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Job } from '@kiroku/core';
import { createPool, migrate, PostgresJobStore } from '@kiroku/postgres';
import { type ThrowAwayDatabase, throwAwayDatabase } from '@kiroku/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

const program = fileURLToPath(new URL('./bundle/job-process.js', import.meta.url));
const leaseMs = 4_000; // long: none of those that live may lapse
const numbers = 6_000; // enough of them: the job is still at work when we look
const sumTo = (to: number) => (to * (to + 1)) / 2;

let database: ThrowAwayDatabase;
let pool: ReturnType<typeof createPool>;
let store: PostgresJobStore;
let children: ChildProcess[] = [];

beforeAll(async () => {
  database = await throwAwayDatabase('command_db', migrate);
  pool = createPool({ url: database.serviceUrl, applicationName: 'kiroku-tests' });
  store = new PostgresJobStore({ pool });
});
afterEach(async () => {
  await Promise.all(children.map(end));
  children = [];
});
afterAll(async () => {
  await pool.end();
  await database[Symbol.asyncDispose]();
});

function startProcess(owner: string): ChildProcess {
  const env = { ...process.env, JOBS_DATABASE_URL: database.serviceUrl, JOBS_OWNER: owner, JOBS_LEASE_MS: String(leaseMs) };
  const child = fork(program, { env, execArgv: [] });
  children.push(child);
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

async function queue(to: number, verb = 'sum'): Promise<string> {
  const id = crypto.randomUUID();
  await store.create({ id, verb, arguments: { to }, createdBy: 'tests' });
  return id;
}

async function endLease(id: string): Promise<void> {
  await pool.query('update kiroku.jobs set leased_until = clock_timestamp() where id = $1', [id]);
  await pool.query('update kiroku.job_reports set leased_until = clock_timestamp() where job = $1', [id]);
}

/** Waits until the job is as it should be. */
async function until(id: string, reached: (job: Job) => boolean): Promise<Job> {
  await expect.poll(async () => reached(await store.job(id)), { timeout: 60_000, interval: 20 }).toBe(true);
  return store.job(id);
}

test('a job that kills every process that takes it has failed after six, and the next one does the others', async () => {
  const id = await queue(3, 'fall');
  for (let number = 1; number <= 6; number += 1) {
    const child = startProcess(`falls-${number}`);
    await expect.poll(() => child.signalCode, { timeout: 60_000, interval: 10 }).toBe('SIGKILL');
    await endLease(id); // the next need not wait
  }
  const other = await queue(10);
  const last = startProcess('stands');
  expect((await until(id, ({ state }) => state === 'failed')).error).toMatch(/^JobAbandoned: .* 6 times in a row at 3 steps/);
  expect(await until(other, ({ state }) => state === 'done')).toMatchObject({ result: sumTo(10), owner: 'stands' });
  expect(last.exitCode).toBeNull();
});

describe('a job in the middle of its work', () => {
  test('whose process is killed again and again is taken over when its lease ends, goes on from its cursor, and counts everything once', async () => {
    const id = await queue(numbers);
    let owner = startProcess('p-1');
    for (const number of [2, 3, 4]) {
      await until(id, (job) => job.owner === `p-${number - 1}` && (job.progress?.done ?? 0) > 300 * number);
      const standby = startProcess(`p-${number}`);
      await end(owner);
      const { progress, leasedUntil = '' } = await store.job(id);
      expect(Date.parse(leasedUntil) - Date.now()).toBeLessThanOrEqual(leaseMs);
      const taken = await until(id, (job) => job.owner === `p-${number}`);
      expect(Date.now()).toBeGreaterThan(Date.parse(leasedUntil));
      expect(taken.progress?.done).toBeGreaterThanOrEqual(progress?.done ?? Number.POSITIVE_INFINITY);
      owner = standby;
    }
    expect(await until(id, ({ state }) => state === 'done')).toMatchObject({ result: sumTo(numbers), epoch: 4, owner: 'p-4' });
    const lines = await store.lines(id, 10);
    expect(lines.map(({ text }) => text.replace(/from \d+/, 'from n'))).toEqual([
      'started by p-1',
      'taken up from n numbers by p-2',
      'taken up from n numbers by p-3',
      'taken up from n numbers by p-4',
      'done',
    ]);
  });

  test('whose process freezes and wakes up after it was taken over is not disturbed by it', async () => {
    const id = await queue(numbers);
    const frozen = startProcess('frozen');
    await until(id, (job) => (job.progress?.done ?? 0) > 200);
    frozen.kill('SIGSTOP');
    const standby = startProcess('standby');
    await until(id, (job) => job.owner === 'standby' && (job.progress?.done ?? 0) > 400);
    frozen.kill('SIGCONT');
    expect(await until(id, ({ state }) => state === 'done')).toMatchObject({ result: sumTo(numbers), epoch: 2, owner: 'standby' });
    expect(standby.exitCode).toBeNull();
    expect(frozen.exitCode).toBeNull(); // it gave the job up and lives
  });
});
