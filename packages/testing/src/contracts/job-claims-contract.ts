import type { JobLease } from '@kiroku/core';
import { expect, test } from 'vitest';
import { brief, claim, claimant, lapse, type MakeJobStore, newJob, report, requireJob } from './job-store-samples.ts';

/** A job is one owner's at a time, and another's when that one goes without a word. */
export function jobClaimsContract(make: MakeJobStore): void {
  test('a job that requires code is only taken by who has all of it', async () => {
    await using subject = await make();
    const { store } = subject;
    const job = newJob({ requires: ['order-summary@2', 'sales-per-day@2'] });
    expect(await store.create(job)).toMatchObject({ requires: job.requires });
    const verbs = [job.verb];
    expect(await store.claim({ ...claimant, verbs })).toBeUndefined();
    expect(await store.claim({ ...claimant, verbs, id: job.id, provides: ['order-summary@2', 'sales-per-day@1'] })).toBeUndefined();
    const provides = ['sales-per-day@2', 'customer-list@1', 'order-summary@2'];
    expect(await store.claim({ ...claimant, verbs, provides })).toMatchObject({ id: job.id, state: 'running' });
  });

  test('a job that is created taken is nobody else’s', async () => {
    await using subject = await make();
    const job = await subject.store.create(newJob(), claimant);
    expect(job).toMatchObject({ state: 'running', owner: claimant.owner, epoch: 1 });
    expect(await claim(subject.store, brief)).toBeUndefined();
  });

  test('the oldest job of a known verb is taken first, by one of many', async () => {
    await using subject = await make();
    await subject.store.create(newJob({ verb: 'unknown' }));
    const jobs = Array.from({ length: 5 }, () => newJob());
    for (const job of jobs) await subject.store.create(job);
    expect((await claim(subject.store))?.id).toBe(jobs[0]?.id);
    const taken = await Promise.all(Array.from({ length: 10 }, () => claim(subject.store)));
    const ids = taken.flatMap((job) => (job === undefined ? [] : [job.id]));
    expect(ids.sort()).toEqual(jobs.slice(1).map(({ id }) => id));
  });

  test('a certain job is taken by its id, if it is free', async () => {
    await using subject = await make();
    const [first, second] = [newJob(), newJob()];
    await subject.store.create(first);
    await subject.store.create(second);
    const byId = () => subject.store.claim({ ...claimant, verbs: [second.verb], id: second.id });
    expect((await byId())?.id).toBe(second.id);
    expect(await byId()).toBeUndefined();
  });

  test('a job whose owner has gone silent is taken over once, with what was reported', async () => {
    await using subject = await make();
    const { store } = subject;
    const stale = await store.create(newJob(), { ...claimant, leaseMs: 10_000 });
    await store.report(stale, report, 1);
    await lapse();
    expect(await claim(store)).toBeUndefined(); // a report prolongs a lease, it does not shorten it
    const lapsed = await store.create(newJob(), brief);
    await store.report(lapsed, report, 1);
    await lapse();
    const taken = await Promise.all([claim(store), claim(store), claim(store)]);
    expect(taken.filter((job) => job !== undefined)).toMatchObject([
      { id: lapsed.id, epoch: 2, progress: report.progress, cursor: report.cursor },
    ]);
  });

  test('a job is abandoned once more each time its owner goes without a word and has not got further', async () => {
    await using subject = await make();
    const { store } = subject;
    let lease: JobLease = await store.create(newJob(), brief);
    const abandonedAt = async (done?: number) => {
      if (done !== undefined) await store.report(lease, { progress: { done, unit: 'events' } }, 1);
      await lapse();
      const job = requireJob(await claim(store, brief));
      lease = job;
      return job.abandoned;
    };
    expect([await abandonedAt(), await abandonedAt()]).toEqual([1, 2]);
    expect([await abandonedAt(10), await abandonedAt(), await abandonedAt(7), await abandonedAt(10)]).toEqual([1, 2, 3, 4]);
    expect(await abandonedAt(11)).toBe(1);
    await lapse();
    const other = requireJob(await claim(store));
    await store.settle(other, { state: 'failed', error: 'no' });
    await store.resume(other.id);
    expect(requireJob(await claim(store)).abandoned).toBeUndefined();
  });

  test('a job that was queued meanwhile counts anew how often it is abandoned, and from where', async () => {
    await using subject = await make();
    const { store } = subject;
    let lease: JobLease = await store.create(newJob(), brief);
    const abandonedAt = async (done: number) => {
      await store.report(lease, { progress: { done, unit: 'events' } }, 1);
      await lapse();
      const job = requireJob(await claim(store, brief));
      lease = job;
      return job.abandoned;
    };
    expect([await abandonedAt(10), await abandonedAt(10)]).toEqual([1, 2]);
    await store.settle(lease, { state: 'queued' });
    lease = requireJob(await claim(store, brief));
    expect([await abandonedAt(1), await abandonedAt(2)]).toEqual([1, 1]);
  });

  test('whoever has ended or given back a job cannot write', async () => {
    await using subject = await make();
    const { store } = subject;
    for (const outcome of [{ state: 'queued' }, { state: 'done', result: null }] as const) {
      const lease = await store.create(newJob(), claimant);
      await store.settle(lease, outcome);
      const lost = { code: 'JobLost' };
      await expect(store.report(lease, report, 60_000)).rejects.toMatchObject(lost);
      await expect(store.requested(lease)).rejects.toMatchObject(lost);
      await expect(store.log(lease, 'still here')).rejects.toMatchObject(lost);
      await expect(store.settle(lease, { state: 'failed', error: 'no' })).rejects.toMatchObject(lost);
      expect((await store.job(lease.id)).state).toBe(outcome.state);
    }
  });

  test('an outdated owner cannot write', async () => {
    await using subject = await make();
    const { store } = subject;
    const stale = await store.create(newJob(), brief);
    await lapse();
    const fresh = requireJob(await claim(store));
    await store.report(fresh, report, 60_000);
    const lost = { code: 'JobLost' };
    await expect(store.report(stale, { cursor: { position: 1 } }, 60_000)).rejects.toMatchObject(lost);
    await expect(store.requested(stale)).rejects.toMatchObject(lost);
    await expect(store.log(stale, 'still here')).rejects.toMatchObject(lost);
    await expect(store.settle(stale, { state: 'done', result: null })).rejects.toMatchObject(lost);
    expect(await store.job(fresh.id)).toMatchObject({ state: 'running', epoch: 2, cursor: report.cursor });
    expect(await store.lines(fresh.id, 10)).toEqual([]);
  });
}
