import { setTimeout as delay } from 'node:timers/promises';
import { KirokuError } from '@kiroku/core';
import { InMemoryJobStore } from '@kiroku/testing';
import { v7 as uuidv7 } from 'uuid';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { JobContext, JobDefinition } from './job-definition.ts';
import { type RunJobOptions, runClaimedJob } from './run-claimed-job.ts';

const away = new KirokuError('DatabaseUnavailable', 'It is away.');
const lost = new KirokuError('JobLost', 'It is the job of another.');

afterEach(() => void vi.useRealTimers());

/** A job that was taken, and the run of it; the lease is long and looks are frequent. */
async function taken() {
  const store = new InMemoryJobStore();
  const job = await store.create({ id: uuidv7(), verb: 'count', arguments: {}, createdBy: 'ada' }, { owner: 'a', leaseMs: 60_000 });
  const spies = { report: vi.spyOn(store, 'report'), requested: vi.spyOn(store, 'requested'), settle: vi.spyOn(store, 'settle') };
  const run = (work: JobDefinition['run'], options: Partial<RunJobOptions> = {}) =>
    runClaimedJob(job, { verb: 'count', run: work }, { store, leaseMs: 60_000, tickMs: 2, retry: { baseMs: 1, capMs: 1 }, ...options });
  return { store, job, run, ...spies };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(1);
}

const tell = ({ report }: Pick<JobContext, 'report'>, done: number) => report({ done, unit: 'numbers' }, { done });

describe('a job', () => {
  test('that says nothing is looked at often, and stored when a third of its lease has passed', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const { run, report, requested } = await taken();
    const looks = async (): Promise<number> => {
      requested.mockClear();
      await until(() => requested.mock.calls.length >= 3);
      return report.mock.calls.length;
    };
    const stored: number[] = [];
    await run(async () => {
      for (const ms of [0, 20_000, 1]) {
        vi.advanceTimersByTime(ms);
        stored.push(await looks());
      }
      return null;
    });
    expect(stored).toEqual([1, 1, 2]); // as it begins, and a third of the lease after that
  });

  test('goes on from where it was stored, with what is known of its progress', async () => {
    const { store, job } = await taken();
    await store.report(job, { progress: { done: 5, unit: 'numbers' }, cursor: { done: 5 } }, 60_000);
    await store.settle(job, { state: 'paused' });
    await store.resume(job.id);
    const again = await store.claim({ owner: 'b', leaseMs: 60_000, verbs: ['count'] });
    if (again === undefined) throw new Error('it was resumed');
    const onStatus = vi.fn();
    const cursors: unknown[] = [];
    const work = async ({ cursor }: JobContext) => {
      cursors.push(cursor);
      await until(() => onStatus.mock.calls.length > 0);
      return null;
    };
    await runClaimedJob(again, { verb: 'count', run: work }, { store, onStatus });
    expect(cursors).toEqual([{ done: 5 }]);
    expect(onStatus.mock.calls[0]).toMatchObject([{ id: job.id, verb: 'count', progress: { done: 5, unit: 'numbers' } }]);
  });

  test('tells whoever watches it how fast it is, and for how long yet', async () => {
    const { job, run } = await taken();
    const onStatus = vi.fn();
    await run(
      async ({ report }) => {
        for (const done of [1, 2]) {
          report({ done, total: 4, unit: 'numbers' }, { done });
          const seen = onStatus.mock.calls.length;
          await until(() => onStatus.mock.calls.length > seen + 1);
        }
        return null;
      },
      { onStatus },
    );
    const [first, last] = [onStatus.mock.calls[0], onStatus.mock.lastCall];
    expect(first).toEqual([{ id: job.id, verb: 'count', progress: { done: 1, total: 4, unit: 'numbers' } }]);
    const [rate, etaSeconds] = [expect.any(Number), expect.any(Number)];
    expect(last).toEqual([{ id: job.id, verb: 'count', progress: { done: 2, total: 4, unit: 'numbers' }, rate, etaSeconds }]);
  });

  test('is stored once, however often it asks for it', async () => {
    const { run, report } = await taken();
    const stored: number[] = [];
    await run(
      async (context) => {
        tell(context, 1);
        for (let times = 0; times < 2; times += 1) {
          await context.saved();
          stored.push(report.mock.calls.length);
        }
        return null;
      },
      { tickMs: 60_000 },
    );
    expect(stored[1]).toBe(stored[0]);
  });

  test('that has killed its processes before it got anywhere is failed too', async () => {
    const { store, job } = await taken();
    const run = vi.fn(async () => null);
    const end = await runClaimedJob({ ...job, abandoned: 6 }, { verb: 'count', run }, { store });
    const message = expect.stringMatching(/went without a word 6 times in a row, killed/);
    expect(end).toMatchObject({ state: 'failed', error: { code: 'JobAbandoned', message } });
    expect(run).not.toHaveBeenCalled();
  });

  test('has not got further when it only gets again to where it was', async () => {
    const { store, job, run } = await taken();
    let attempts = 0;
    const end = await run(async (context) => {
      tell(context, attempts++ % 2 === 0 ? 7 : 5);
      throw away;
    });
    expect([end.state, attempts, (await store.job(job.id)).state]).toEqual(['failed', 6, 'failed']);
  });

  test('is done though its last report could not be stored', async () => {
    const { store, job, run, report } = await taken();
    const end = await run(async (context) => {
      report.mockRejectedValue(away);
      tell(context, 1);
      return 1;
    });
    expect(end).toEqual({ state: 'done', result: 1 });
    expect(await store.job(job.id)).toMatchObject({ state: 'done', result: 1 });
  });

  test('that is lost is not asked about while it winds down', async () => {
    const { run, report, requested } = await taken();
    const asked: number[] = [];
    const look = () => asked.push(report.mock.calls.length + requested.mock.calls.length);
    const end = await run(async ({ signal }) => {
      report.mockRejectedValue(lost);
      requested.mockRejectedValue(lost);
      await until(() => signal.aborted);
      look();
      await delay(30);
      look();
      return null;
    });
    expect(asked[1]).toBe(asked[0]);
    expect(end).toMatchObject({ state: 'interrupted', error: { code: 'JobLost' } });
  });
});

describe('what became of a job', () => {
  test('is stored, when the database is back', async () => {
    const { store, job, run, settle } = await taken();
    settle.mockRejectedValueOnce(away);
    expect(await run(async () => 1)).toEqual({ state: 'done', result: 1 });
    expect((await store.job(job.id)).state).toBe('done');
  });

  test('is no more this process’s to say once another has it', async () => {
    const { run, settle } = await taken();
    settle.mockRejectedValueOnce(lost);
    expect(await run(async () => 1)).toEqual({ state: 'interrupted', error: lost });
    expect(settle).toHaveBeenCalledOnce();
  });

  test('is not tried to be stored again at a fault that stays', async () => {
    const { run, settle } = await taken();
    const wrong = new KirokuError('BadRequest', 'no');
    settle.mockRejectedValueOnce(wrong);
    await expect(run(async () => 1)).rejects.toBe(wrong);
    expect(settle).toHaveBeenCalledOnce();
  });

  test('is not tried to be stored any longer than the lease lasts', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const { run, settle } = await taken();
    settle.mockImplementation(async () => {
      vi.advanceTimersByTime(30_000);
      throw away;
    });
    await expect(run(async () => 1)).rejects.toBe(away);
    expect(settle).toHaveBeenCalledTimes(2);
  });

  test.each([
    ['cancelled meanwhile', { state: 'cancelled' }],
    ['done by another', { state: 'done', epoch: 2 }],
  ] as const)('is not taken for stored, because an answer got lost, when the job was %s', async (_, now) => {
    const { store, job, run, settle } = await taken();
    settle.mockRejectedValueOnce(away).mockRejectedValueOnce(lost);
    vi.spyOn(store, 'job').mockResolvedValue({ ...job, ...now });
    expect(await run(async () => 1)).toEqual({ state: 'interrupted', error: lost });
  });
});
