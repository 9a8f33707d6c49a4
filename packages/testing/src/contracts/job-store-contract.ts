import type { JobStore } from '@kiroku/core';
import { v7 as uuidv7 } from 'uuid';
import { describe, expect, test } from 'vitest';
import { jobClaimsContract } from './job-claims-contract.ts';
import { brief, claim, claimant, lapse, type MakeJobStore, newJob, report, requireJob, settled } from './job-store-samples.ts';

/** Registers the tests of what the port promises. */
export function jobStoreContract(name: string, make: MakeJobStore): void {
  describe(`${name} as a job store`, () => {
    creating(make);
    jobClaimsContract(make);
    running(make);
    controlling(make);
    recording(make);
    pruning(make);
  });
}

function creating(make: MakeJobStore): void {
  test('keeps a new job, queued', async () => {
    await using subject = await make();
    const job = newJob({ reason: 'drill', arguments: { deep: true, list: [null, 'ü\u0000'] } });
    const queued = { ...job, state: 'queued', epoch: 0, createdAt: expect.stringMatching(/Z$/) };
    expect(await subject.store.create(job)).toEqual(queued);
    expect(await subject.store.job(job.id)).toEqual(queued);
  });

  test('knows no job that was not created', async () => {
    await using subject = await make();
    for (const id of [uuidv7(), 'seven']) {
      await expect(subject.store.job(id)).rejects.toMatchObject({ code: 'NotFound' });
      await expect(subject.store.pause(id)).rejects.toMatchObject({ code: 'NotFound' });
    }
  });

  test('lists jobs by state and verb, latest first', async () => {
    await using subject = await make();
    const { store } = subject;
    const [first, second, third] = [newJob(), newJob({ verb: 'rebuild' }), newJob()];
    for (const job of [first, second, third]) await store.create(job);
    await store.pause(first.id);
    const idsOf = async (options: Partial<Parameters<JobStore['jobs']>[0]>) =>
      (await store.jobs({ limit: 10, ...options })).map(({ id }) => id);
    expect(await idsOf({})).toEqual([third.id, second.id, first.id]);
    expect(await idsOf({ limit: 1 })).toEqual([third.id]);
    expect(await idsOf({ before: await store.job(third.id), limit: 1 })).toEqual([second.id]);
    expect(await idsOf({ states: ['paused', 'done'] })).toEqual([first.id]);
    expect(await idsOf({ verb: 'rebuild' })).toEqual([second.id]);
  });
}

function running(make: MakeJobStore): void {
  test('the last of many reports counts', async () => {
    await using subject = await make();
    const job = await subject.store.create(newJob(), brief);
    for (let done = 1; done <= 250; done++) {
      await subject.store.report(job, { ...report, progress: { done, unit: 'events' }, cursor: { position: done } }, 60_000);
    }
    const { progress, cursor, rate, etaSeconds } = await subject.store.job(job.id);
    expect({ progress, cursor, rate, etaSeconds }).toEqual({
      ...report,
      progress: { done: 250, unit: 'events' },
      cursor: { position: 250 },
    });
    expect(await claim(subject.store)).toBeUndefined(); // reports prolong the lease
  });

  test('a done job has its result, a failed one its error, and neither a rate', async () => {
    await using subject = await make();
    const { store } = subject;
    const result = { findings: [], text: 'a\u0000' };
    const done = await settled(store, { state: 'done', result });
    expect(done).toMatchObject({ state: 'done', result, progress: report.progress, endedAt: expect.any(String) });
    const failed = await settled(store, { state: 'failed', error: 'Internal: it broke' });
    expect(failed).toMatchObject({ state: 'failed', error: 'Internal: it broke', endedAt: expect.any(String) });
    for (const job of [done, failed]) expect([job.rate, job.etaSeconds, job.leasedUntil]).toEqual([undefined, undefined, undefined]);
  });

  test('a job that is given back is queued with its cursor', async () => {
    await using subject = await make();
    await settled(subject.store, { state: 'queued' });
    expect(await claim(subject.store)).toMatchObject({ epoch: 2, cursor: report.cursor });
  });

  test('the last lines of a job’s log are kept in order', async () => {
    await using subject = await make();
    const job = await subject.store.create(newJob(), claimant);
    for (const text of ['one', 'two', 'three']) await subject.store.log(job, text);
    await subject.store.log(await subject.store.create(newJob(), claimant), 'of another');
    const last = await subject.store.lines(job.id, 2);
    expect(last.map(({ text }) => text)).toEqual(['two', 'three']);
    expect((await subject.store.lines(job.id, 2, last[1]?.number)).map(({ text }) => text)).toEqual(['one', 'two']);
    expect((await subject.store.lines(job.id, 2, last[0]?.number)).map(({ text }) => text)).toEqual(['one']);
  });
}

function controlling(make: MakeJobStore): void {
  test('a paused job is nobody’s to take until it is resumed', async () => {
    await using subject = await make();
    const job = await subject.store.create(newJob());
    expect((await subject.store.pause(job.id)).state).toBe('paused');
    expect(await claim(subject.store)).toBeUndefined();
    expect((await subject.store.resume(job.id)).state).toBe('queued');
    expect((await claim(subject.store))?.id).toBe(job.id);
  });

  test('the owner hears what was asked of it, with its next report or when it asks', async () => {
    await using subject = await make();
    const job = await subject.store.create(newJob(), claimant);
    expect(await subject.store.report(job, report, 60_000)).toBeUndefined();
    expect(await subject.store.pause(job.id)).toMatchObject({ state: 'running', requested: 'pause' });
    expect(await subject.store.requested(job)).toBe('pause');
    expect(await subject.store.report(job, report, 60_000)).toBe('pause');
    await subject.store.settle(job, { state: 'paused' });
    const paused = await subject.store.job(job.id);
    expect([paused.state, paused.requested, paused.endedAt]).toEqual(['paused', undefined, undefined]);
  });

  test('what was asked too late to be heard still counts', async () => {
    await using subject = await make();
    const { store } = subject;
    const stateAfter = async (ask: 'pause' | 'cancel', state: 'queued' | 'paused') => {
      const job = await store.create(newJob(), claimant);
      await store[ask](job.id);
      await store.settle(job, { state });
      return (await store.job(job.id)).state;
    };
    expect(await stateAfter('pause', 'queued')).toBe('paused');
    expect(await stateAfter('cancel', 'queued')).toBe('cancelled');
    expect(await stateAfter('cancel', 'paused')).toBe('cancelled');
  });

  test('a request is taken back by resuming', async () => {
    await using subject = await make();
    const job = await subject.store.create(newJob(), claimant);
    await subject.store.cancel(job.id);
    await subject.store.resume(job.id);
    expect(await subject.store.requested(job)).toBeUndefined();
  });

  test('a job whose owner has gone silent is cancelled at once, and its owner finds it lost', async () => {
    await using subject = await make();
    const job = await subject.store.create(newJob(), brief);
    await lapse();
    expect(await subject.store.cancel(job.id)).toMatchObject({ state: 'cancelled', endedAt: expect.any(String) });
    await expect(subject.store.report(job, report, 60_000)).rejects.toMatchObject({ code: 'JobLost' });
    await expect(subject.store.resume(job.id)).rejects.toMatchObject({ code: 'JobEnded' });
  });

  test('a failed job is resumed from its cursor', async () => {
    await using subject = await make();
    const { id } = await settled(subject.store, { state: 'failed', error: 'no' });
    const resumed = await subject.store.resume(id);
    expect([resumed.state, resumed.error, resumed.endedAt]).toEqual(['queued', undefined, undefined]);
    expect((await claim(subject.store))?.cursor).toEqual(report.cursor);
  });
}

function recording(make: MakeJobStore): void {
  test('a job is an action of the audit log from its beginning, and its end is the action’s', async () => {
    await using subject = await make();
    const { store, audit } = subject;
    const job = newJob({ reason: 'drill', source: 'command line', arguments: { deep: true } });
    await store.create(job);
    const action = {
      id: job.id,
      operator: job.createdBy,
      verb: job.verb,
      arguments: job.arguments,
      reason: 'drill',
      source: 'command line',
    };
    expect(await audit.actions({ limit: 10 })).toEqual([{ ...action, correlationId: job.id, at: expect.any(String) }]);
    const lease = requireJob(await claim(store));
    await store.settle(lease, { state: 'done', result: { rows: [1, 2, 3] }, summary: { rows: 3 } });
    expect(await audit.actions({ limit: 10 })).toMatchObject([{ ...action, outcome: { succeeded: true, after: { rows: 3 } } }]);
  });

  test('a job that fails, or is cancelled by its owner or by others, is an action that failed', async () => {
    await using subject = await make();
    const { store, audit } = subject;
    const failed = await settled(store, { state: 'failed', error: 'Internal: it broke' });
    const asked = await store.create(newJob(), claimant);
    await store.cancel(asked.id);
    await store.settle(asked, { state: 'queued' });
    const queued = await store.create(newJob());
    await store.cancel(queued.id);
    const cancelled = { succeeded: false, error: 'It was cancelled.' };
    expect(await audit.actions({ limit: 10 })).toMatchObject([
      { id: queued.id, outcome: cancelled },
      { id: asked.id, outcome: cancelled },
      { id: failed.id, outcome: { succeeded: false, error: 'Internal: it broke' } },
    ]);
  });

  test('a job that failed, was resumed and cancelled is an action that failed', async () => {
    await using subject = await make();
    const { id } = await settled(subject.store, { state: 'failed', error: 'no' });
    await subject.store.resume(id);
    expect((await subject.store.cancel(id)).state).toBe('cancelled');
    expect(await subject.audit.actions({ limit: 10 })).toMatchObject([{ id, outcome: { succeeded: false, error: 'no' } }]);
  });

  test('a job under an id that is an action already, of a job removed since, leaves that as it is', async () => {
    await using subject = await make();
    const { store, audit } = subject;
    const { id } = await settled(store, { state: 'done', result: null });
    await lapse();
    await store.prune({ endedForDays: 0, limit: 10 });
    const again = await store.create(newJob({ id, createdBy: 'bob@host' }), claimant);
    await store.settle(again, { state: 'failed', error: 'no' });
    expect(await audit.actions({ limit: 10 })).toMatchObject([{ id, operator: 'ada@host', outcome: { succeeded: true } }]);
  });

  test('an action has the first end of its job, and none while the job waits', async () => {
    await using subject = await make();
    const { store, audit } = subject;
    const paused = await settled(store, { state: 'paused' });
    const { id } = await settled(store, { state: 'failed', error: 'no' });
    await store.resume(id);
    await store.settle(requireJob(await claim(store)), { state: 'done', result: null });
    const actions = await audit.actions({ limit: 10 });
    expect(actions.map((action) => [action.id, action.outcome?.succeeded])).toEqual([
      [id, false],
      [paused.id, undefined],
    ]);
  });
}

function pruning(make: MakeJobStore): void {
  test('jobs that ended long enough ago are removed, with their logs, and stay in the audit log', async () => {
    await using subject = await make();
    const { store, audit } = subject;
    const open = await store.create(newJob(), claimant);
    const done = await Promise.all([1, 2, 3].map(() => settled(store, { state: 'done', result: null })));
    await lapse();
    expect(await store.prune({ endedForDays: 1, limit: 10 })).toBe(0);
    expect(await store.prune({ endedForDays: 0, limit: 2 })).toBe(2);
    expect(await store.prune({ endedForDays: 0, limit: 2 })).toBe(1);
    expect((await store.jobs({ limit: 10 })).map(({ id }) => id)).toEqual([open.id]);
    for (const { id } of done) await expect(store.job(id)).rejects.toMatchObject({ code: 'NotFound' });
    expect(await audit.actions({ limit: 10 })).toHaveLength(4);
  });
}
