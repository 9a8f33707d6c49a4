import { setTimeout as delay } from 'node:timers/promises';
import type { JobDefinition, JobStatus } from '@kiroku/engine';
import { createPool, migrate } from '@kiroku/postgres';
import { throwAwayDatabase } from '@kiroku/testing';
import { describe, expect, test, vi } from 'vitest';
import { listActions } from '../audit/list-actions.ts';
import { installationIn } from '../config/installation.test-service.ts';
import type { Installation } from '../config/installation.ts';
import { controlJobOf } from '../job-control/control-job.ts';
import { listJobs } from '../job-list/list-jobs.ts';
import { showJob } from '../job-show/show-job.ts';
import { runAsJob, runQueuedJob } from './run-as-job.ts';

type Counting = { readonly to: number; readonly faultAt?: number };
type Counted = { readonly sum: number; readonly next: number };

/** Adds the numbers up, one a millisecond, and none beyond what is allowed so far. */
const summingUpTo = (allowed: () => number): JobDefinition<Counting, Counted, number> => ({
  verb: 'sum',
  async run({ arguments: { to, faultAt }, cursor = { sum: 0, next: 1 }, signal, report }) {
    let { sum, next } = cursor;
    while (next <= to) {
      signal.throwIfAborted();
      if (next > allowed()) {
        await delay(1);
        continue;
      }
      if (next === faultAt) throw new RangeError(`${next} is too much`);
      sum += next;
      next += 1;
      report({ done: next - 1, total: to, unit: 'numbers' }, { sum, next });
      await delay(1);
    }
    return sum;
  },
});
const summing = summingUpTo(() => Number.POSITIVE_INFINITY);

async function installed() {
  const database = await throwAwayDatabase('command_db', migrate);
  const url = database.serviceUrl;
  const installation = installationIn('/nowhere', {
    databases: { event_store: url, command_db: url, query_db: url },
    operator: { name: 'ada', reason: 'drill' },
  });
  const superuser = createPool({ url: database.url, applicationName: 'tests', max: 1 });
  return {
    installation,
    sql: (text: string) => superuser.query(text),
    [Symbol.asyncDispose]: async () => {
      await superuser.end();
      await database[Symbol.asyncDispose]();
    },
  };
}

const latest = async (installation: Installation) => {
  const [job] = await listJobs(installation, { limit: 1 });
  if (job === undefined) throw new Error('there is no job');
  return job;
};

describe('a verb that runs as a job', () => {
  test('returns what it came to; the job says who, why and what', async () => {
    await using subject = await installed();
    const statuses: JobStatus[] = [];
    const inSteps = summingUpTo(() => 250 * statuses.length); // it is not over before it was looked at
    expect(await runAsJob(subject.installation, inSteps, { to: 700 }, { onProgress: (status) => statuses.push(status) })).toBe(245_350);
    expect(await latest(subject.installation)).toMatchObject({
      verb: 'sum',
      state: 'done',
      arguments: { to: 700 },
      createdBy: 'ada',
      reason: 'drill',
      progress: { done: 700, total: 700, unit: 'numbers' },
      result: 245_350,
    });
    expect(statuses.at(-1)?.progress).toEqual({ done: 700, total: 700, unit: 'numbers' });
    expect(statuses.some(({ rate = 0, etaSeconds }) => rate > 0 && etaSeconds !== undefined)).toBe(true);
  });

  test('is paused when it is interrupted, and goes on from there', async () => {
    await using subject = await installed();
    const interrupted = new AbortController();
    const onProgress = ({ progress }: JobStatus) => void (Number(progress?.done) > 1 && interrupted.abort());
    const held = summingUpTo(() => 1_000);
    await expect(runAsJob(subject.installation, held, { to: 1_500 }, { signal: interrupted.signal, onProgress })).rejects.toMatchObject({
      code: 'JobInterrupted',
      message: expect.stringContaining('kiroku job resume'),
    });
    const { id, state, cursor } = await latest(subject.installation);
    expect([state, Number(cursor?.next) > 1]).toEqual(['paused', true]);
    await controlJobOf(subject.installation, id, 'resume');
    expect(await runQueuedJob(subject.installation, id, { definitions: [summing] })).toEqual({ result: 1_125_750 });
    const { lines } = await showJob(subject.installation, id, { lines: 10 });
    expect(lines.map(({ text }) => text.split(' ')[0])).toEqual(['started', 'paused', 'taken', 'done']);
  });

  test.each(['pause', 'cancel'] as const)('hears of a %s while it works', async (control) => {
    await using subject = await installed();
    const running = runAsJob(subject.installation, summing, { to: 1_000_000 });
    running.catch(() => undefined); // it is looked at below
    await vi.waitFor(async () => expect((await latest(subject.installation)).progress).toBeDefined(), { timeout: 15_000 });
    const { id } = await latest(subject.installation);
    await controlJobOf(subject.installation, id, control);
    await expect(running).rejects.toMatchObject({ code: 'JobInterrupted' });
    expect((await latest(subject.installation)).state).toBe(control === 'pause' ? 'paused' : 'cancelled');
  });

  test('throws what its work threw, and the job has failed', async () => {
    await using subject = await installed();
    await expect(runAsJob(subject.installation, summing, { to: 10, faultAt: 5 })).rejects.toThrow('5 is too much');
    expect(await latest(subject.installation)).toMatchObject({ state: 'failed', error: 'RangeError: 5 is too much' });
  });

  test('whose end cannot be recorded says which it is', async () => {
    await using subject = await installed();
    const cut: JobDefinition = {
      verb: 'cut',
      run: async () => {
        await subject.sql('alter table kiroku.jobs rename to elsewhere');
        return null;
      },
    };
    const error = await runAsJob(subject.installation, cut, {}).catch((thrown: unknown) => thrown);
    await subject.sql('alter table kiroku.elsewhere rename to jobs');
    const { id } = await latest(subject.installation);
    expect(error).toMatchObject({ code: 'SchemaTooOld', message: expect.stringContaining(`kiroku job show ${id}`), details: { id } });
  });

  test('is steered by operators whose names are in the audit log', async () => {
    await using subject = await installed();
    await runAsJob(subject.installation, summing, { to: 10, faultAt: 5 }).catch(() => undefined);
    const { id } = await latest(subject.installation);
    await controlJobOf(subject.installation, id, 'resume');
    await controlJobOf(subject.installation, id, 'cancel');
    await expect(controlJobOf(subject.installation, id, 'pause')).rejects.toMatchObject({ code: 'JobEnded' });
    const actions = await listActions(subject.installation, { limit: 10, operator: 'ada' });
    expect(actions.map(({ verb, arguments: given, before, outcome }) => [verb, given, before, outcome?.succeeded])).toEqual([
      ['job pause', { id, verb: 'sum' }, { state: 'cancelled' }, false],
      ['job cancel', { id, verb: 'sum' }, { state: 'queued' }, true],
      ['job resume', { id, verb: 'sum' }, { state: 'failed' }, true],
      ['sum', { to: 10, faultAt: 5 }, undefined, false],
    ]);
  });

  test('whose verb is not known here is left to others', async () => {
    await using subject = await installed();
    await runAsJob(subject.installation, summing, { to: 10, faultAt: 5 }).catch(() => undefined);
    const { id } = await latest(subject.installation);
    await controlJobOf(subject.installation, id, 'resume');
    expect(await runQueuedJob(subject.installation, id, { definitions: [] })).toBeUndefined();
    expect((await latest(subject.installation)).state).toBe('queued');
  });
});
