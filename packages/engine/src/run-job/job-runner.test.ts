import { setTimeout as delay } from 'node:timers/promises';
import { type Job, KirokuError, type NewJob } from '@kiroku/core';
import { InMemoryJobStore } from '@kiroku/testing';
import { v7 as uuidv7 } from 'uuid';
import { describe, expect, test, vi } from 'vitest';
import type { JobContext, JobDefinition } from './job-definition.ts';
import { JobRunner, type JobRunnerOptions } from './job-runner.ts';
import { runClaimedJob } from './run-claimed-job.ts';

type Counting = { readonly to: number };
type Counted = { readonly numbers: readonly number[] };

/** Counts, a number a millisecond; the numbers are kept in the cursor. */
const counting: JobDefinition<Counting, Counted, readonly number[]> = {
  verb: 'count',
  async run(context) {
    const numbers = [...(context.cursor?.numbers ?? [])];
    while (numbers.length < context.arguments.to) {
      context.signal.throwIfAborted();
      numbers.push(numbers.length + 1);
      report(context, numbers);
      await delay(1);
    }
    return numbers;
  },
};

function report({ report: tell, arguments: { to } }: JobContext<Counting, Counted>, numbers: readonly number[]): void {
  tell({ done: numbers.length, total: to, unit: 'numbers' }, { numbers: [...numbers] });
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const newJob = (to: number): NewJob => ({ id: uuidv7(), verb: 'count', arguments: { to }, createdBy: 'ada' });
const without = (run: JobDefinition['run']): JobDefinition => ({ verb: 'count', run });

function runnerOf(store: InMemoryJobStore, options: Partial<JobRunnerOptions> = {}): JobRunner {
  const runner = new JobRunner({ store, definitions: [counting], owner: 'a', tickMs: 5, pollMs: 5, leaseMs: 60_000, ...options });
  runner.start();
  return runner;
}

/** Does what it is asked to, and does not say so. */
function losingAnswers(store: InMemoryJobStore): InMemoryJobStore {
  const settle = store.settle.bind(store);
  store.settle = async (job, outcome) => {
    await settle(job, outcome);
    throw new KirokuError('DatabaseUnavailable', 'the connection broke');
  };
  return store;
}

function become(store: InMemoryJobStore, id: string, state: Job['state']): Promise<Job> {
  return vi.waitFor(
    async () => {
      const job = await store.job(id);
      expect(job.state).toBe(state);
      return job;
    },
    { timeout: 15_000, interval: 2 },
  );
}

const hasBegun = (store: InMemoryJobStore, id: string) =>
  vi.waitFor(async () => expect((await store.job(id)).progress?.done).toBeGreaterThan(5), { timeout: 15_000, interval: 2 });

describe('a job', () => {
  test('is taken, run to its end, and its result and pace are kept', async () => {
    const store = new InMemoryJobStore();
    const { id } = await store.create(newJob(50));
    await using _runner = runnerOf(store);
    const job = await become(store, id, 'done');
    expect(job).toMatchObject({ result: upTo(50), progress: { done: 50, total: 50, unit: 'numbers' }, owner: 'a' });
    expect((await store.lines(id, 10)).map(({ text }) => text)).toEqual(['started by a', 'done']);
  });

  test('is paused where it is, and goes on from there', async () => {
    const store = new InMemoryJobStore();
    const { id } = await store.create(newJob(200));
    await using _runner = runnerOf(store);
    await hasBegun(store, id);
    await store.pause(id);
    const paused = await become(store, id, 'paused');
    expect(paused.cursor).toEqual({ numbers: upTo(paused.progress?.done ?? 0) });
    await store.resume(id);
    expect((await become(store, id, 'done')).result).toEqual(upTo(200));
    expect(await store.lines(id, 10)).toMatchObject([
      {},
      { text: 'paused' },
      { text: `taken up from ${paused.progress?.done} numbers by a` },
      {},
    ]);
  });

  test('is cancelled, also if it was to be paused at first', async () => {
    const store = new InMemoryJobStore();
    const { id } = await store.create(newJob(100_000));
    await using _runner = runnerOf(store);
    await hasBegun(store, id);
    await store.pause(id);
    await store.cancel(id);
    expect((await become(store, id, 'cancelled')).endedAt).toBeDefined();
  });

  test('that winds down because it was paused, and is then cancelled, says that it was cancelled', async () => {
    const store = new InMemoryJobStore();
    const taken = await store.create(newJob(1), { owner: 'a', leaseMs: 10_000 });
    const slow = without(async ({ signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      await store.cancel(taken.id);
      await delay(50);
      throw new Error('wound down');
    });
    const running = runClaimedJob(taken, slow, { store, tickMs: 5 });
    await store.pause(taken.id);
    expect(await running).toMatchObject({ state: 'interrupted', error: { message: `Job ${taken.id} was cancelled.` } });
    expect((await store.job(taken.id)).state).toBe('cancelled');
  });

  test('that is cancelled stays so if its process stops while it winds down', async () => {
    const store = new InMemoryJobStore();
    const taken = await store.create(newJob(1), { owner: 'a', leaseMs: 10_000 });
    const stopping = new AbortController();
    const slow = without(async ({ signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      stopping.abort();
      throw new Error('wound down');
    });
    const running = runClaimedJob(taken, slow, { store, tickMs: 5, signal: stopping.signal });
    await store.cancel(taken.id);
    expect(await running).toMatchObject({ state: 'interrupted', error: { message: `Job ${taken.id} was cancelled.` } });
    expect((await store.job(taken.id)).state).toBe('cancelled');
  });

  test('that was taken by a process that stops already is given back as it was', async () => {
    const store = new InMemoryJobStore();
    const taken = await store.create(newJob(1), { owner: 'a', leaseMs: 10_000 });
    const run = vi.fn<JobDefinition['run']>(async () => null);
    expect(await runClaimedJob(taken, without(run), { store, tickMs: 5, signal: AbortSignal.abort() })).toMatchObject({
      state: 'interrupted',
    });
    expect([run.mock.calls.length, (await store.job(taken.id)).state]).toEqual([0, 'queued']);
  });

  test('is done, also if the answer to that got lost on its way', async () => {
    const store = losingAnswers(new InMemoryJobStore());
    const { id } = await store.create(newJob(1));
    const claimed = await store.claim({ owner: 'a', leaseMs: 60_000, verbs: ['count'] });
    if (claimed === undefined) throw new Error('it was created');
    const end = await runClaimedJob(claimed, counting, { store, tickMs: 5 });
    expect([end.state, (await store.job(id)).state]).toEqual(['done', 'done']);
  });

  test.each([
    ['paused', /^Job .* was interrupted/],
    ['cancelled', /^Job .* was cancelled/],
  ] as const)('is %s for whoever waits for it, also if the answer to that got lost on its way', async (state, message) => {
    const store = losingAnswers(new InMemoryJobStore());
    const taken = await store.create(newJob(100_000), { owner: 'a', leaseMs: 60_000 });
    const running = runClaimedJob(taken, counting, { store, tickMs: 5 });
    await hasBegun(store, taken.id);
    await (state === 'paused' ? store.pause(taken.id) : store.cancel(taken.id));
    expect(await running).toMatchObject({
      state: 'interrupted',
      error: { code: 'JobInterrupted', message: expect.stringMatching(message) },
    });
    expect((await store.job(taken.id)).state).toBe(state);
  });

  test('is given back when its process stops, and another goes on', async () => {
    const store = new InMemoryJobStore();
    const { id } = await store.create(newJob(200));
    const first = runnerOf(store);
    await hasBegun(store, id);
    await first.stop();
    expect((await store.job(id)).state).toBe('queued');
    await using _second = runnerOf(store, { owner: 'b' });
    expect(await become(store, id, 'done')).toMatchObject({ result: upTo(200), owner: 'b' });
  });

  test('of a silent owner is taken over, and what the old one still writes counts for nothing', async () => {
    const store = new InMemoryJobStore();
    const taken = await store.create(newJob(200), { owner: 'frozen', leaseMs: 1 });
    await delay(5);
    await using _runner = runnerOf(store);
    await hasBegun(store, taken.id);
    const told = vi.fn();
    const end = await runClaimedJob(
      taken,
      without(async ({ report: tell, signal }) => {
        tell({ done: 9_999, unit: 'numbers' }, { numbers: [9_999] });
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        told(signal.reason.code);
        return 'a wrong result';
      }),
      { store, tickMs: 5 },
    );
    expect(end).toMatchObject({ state: 'interrupted', error: { code: 'JobLost' } });
    expect(told).toHaveBeenCalledWith('JobLost');
    expect((await become(store, taken.id, 'done')).result).toEqual(upTo(200));
  });

  test('whose lease cannot be prolonged in time is given up', async () => {
    const store = new InMemoryJobStore();
    const taken = await store.create(newJob(1), { owner: 'a', leaseMs: 30 });
    vi.spyOn(store, 'report').mockReturnValue(new Promise(() => undefined)); // the network swallows it
    const end = await runClaimedJob(
      taken,
      without(async ({ signal }) => {
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        return null;
      }),
      { store, leaseMs: 30, tickMs: 5 },
    );
    expect(end).toMatchObject({ state: 'interrupted', error: { code: 'JobLost' } });
  });

  test('goes on from its cursor after a fault that may pass', async () => {
    const store = new InMemoryJobStore();
    const { id } = await store.create(newJob(60));
    let faults = 0;
    const faulty = without(async (context) => {
      const numbers = (context.cursor?.numbers as readonly number[] | undefined)?.length ?? 0; // as `counting` keeps them
      if (numbers >= 60) return numbers;
      context.report({ done: numbers + 6, unit: 'numbers' }, { numbers: upTo(numbers + 6) });
      faults += 1;
      throw new KirokuError('DatabaseUnavailable', 'It is away.');
    });
    await using _runner = runnerOf(store, { definitions: [faulty], retry: { baseMs: 1, capMs: 1 } });
    expect((await become(store, id, 'done')).result).toBe(60);
    expect(faults).toBe(10); // more often than it would be tried without progress
  });

  test('fails at a fault that meets it at the same place each time, whatever it gets done before', async () => {
    const store = new InMemoryJobStore();
    const { id } = await store.create(newJob(60));
    let attempts = 0;
    const stuck = without(async (context) => {
      attempts += 1;
      for (const done of upTo(Math.min(attempts + 4, 7))) context.report({ done, unit: 'numbers' }, { numbers: upTo(done) });
      throw new KirokuError('DatabaseUnavailable', 'It is away.');
    });
    await using _runner = runnerOf(store, { definitions: [stuck], retry: { baseMs: 1, capMs: 1 } });
    expect((await become(store, id, 'failed')).error).toBe('DatabaseUnavailable: It is away.');
    expect(attempts).toBe(3 + 5); // the third got furthest
  });

  test('that kills its process at the same place each time is failed by the next', async () => {
    const store = new InMemoryJobStore();
    const { id } = await store.create(newJob(10));
    const verbs = ['count'];
    for (let times = 0; times < 6; times++) {
      const job = await store.claim({ owner: `p-${times}`, leaseMs: 1, verbs });
      if (job === undefined) throw new Error('there was nothing to claim');
      await store.report(job, { progress: { done: 5, unit: 'numbers' } }, 1);
      await delay(3);
    }
    await using _runner = runnerOf(store);
    expect((await become(store, id, 'failed')).error).toMatch(/^JobAbandoned: .*6 times in a row at 5 numbers/);
    await store.resume(id);
    expect((await become(store, id, 'done')).result).toEqual(upTo(10));
  });

  test('fails at a fault that stays, or that only repeats itself, and says why', async () => {
    const store = new InMemoryJobStore();
    const onFault = vi.fn();
    const run = vi.fn<JobDefinition['run']>(async () => Promise.reject(new KirokuError('DatabaseUnavailable', 'It is away.')));
    await using _runner = runnerOf(store, { definitions: [without(run)], retry: { baseMs: 1, capMs: 1 }, onFault });
    const { id } = await store.create(newJob(1));
    expect((await become(store, id, 'failed')).error).toBe('DatabaseUnavailable: It is away.');
    expect(run).toHaveBeenCalledTimes(6);
    run.mockClear();
    run.mockRejectedValue(new TypeError('wrong'));
    const second = await store.create(newJob(1));
    expect((await become(store, second.id, 'failed')).error).toBe('TypeError: wrong');
    expect(run).toHaveBeenCalledTimes(1);
    run.mockRejectedValue(new KirokuError('BadRequest', 'There is none.'));
    const third = await store.create(newJob(1));
    expect((await become(store, third.id, 'failed')).error).toBe('BadRequest: There is none.');
    expect(run).toHaveBeenCalledTimes(2);
    expect(onFault).toHaveBeenCalledTimes(3);
  });

  test('stores what was reported before it goes beyond it, if asked to', async () => {
    const store = new InMemoryJobStore();
    const { id } = await store.create(newJob(1));
    const seen = vi.fn();
    const careful = without(async ({ report: tell, saved }) => {
      tell({ done: 1, unit: 'numbers' }, { numbers: [1] });
      await saved();
      seen((await store.job(id)).cursor);
      return null;
    });
    await using _runner = runnerOf(store, { definitions: [careful], tickMs: 10_000 });
    await become(store, id, 'done');
    expect(seen).toHaveBeenCalledWith({ numbers: [1] });
  });

  test('is taken once by a runner that is started twice, and also by one that is started again', async () => {
    const store = new InMemoryJobStore();
    const atOnce = { now: 0, most: 0 };
    const busy = without(async () => {
      atOnce.now += 1;
      atOnce.most = Math.max(atOnce.most, atOnce.now);
      await delay(20);
      atOnce.now -= 1;
      return null;
    });
    await using runner = runnerOf(store, { definitions: [busy] });
    await runner.stop();
    runner.start();
    runner.start();
    const ids = [(await store.create(newJob(1))).id, (await store.create(newJob(1))).id];
    for (const id of ids) await become(store, id, 'done');
    expect(atOnce.most).toBe(1);
  });

  test('of a verb that nobody here knows is left alone', async () => {
    const store = new InMemoryJobStore();
    const { id } = await store.create({ ...newJob(1), verb: 'rebuild' });
    await using _runner = runnerOf(store);
    await delay(50);
    expect((await store.job(id)).state).toBe('queued');
  });
});
