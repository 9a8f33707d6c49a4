import { OperationsClient } from '@kiroku/client';
import { createApp, createLogger, Health } from '@kiroku/service';
import { InMemoryJobStore, InMemoryOperatorAudit } from '@kiroku/testing';
import { v7 as uuidv7 } from 'uuid';
import { afterEach, describe, expect, it } from 'vitest';
import { operationsApi } from './operations-api.ts';

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const app of opened.splice(0)) await app.close();
});

/** The API over stores in memory, and its client. */
async function serve() {
  const jobs = new InMemoryJobStore();
  const health = new Health({ service: 'client-service', instance: 'test' });
  health.ready();
  const app = createApp({
    logger: createLogger({ service: 'client-service', instance: 'test', level: 'silent', format: 'json' }),
    health,
  });
  opened.push(app);
  await app.register(operationsApi, { prefix: '/operations', stores: { jobs, audit: new InMemoryOperatorAudit() } });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  const client = new OperationsClient({ url, operator: { name: 'ada', reason: 'drill' } });
  const create = async (verb = 'count') => jobs.create({ id: uuidv7(), verb, arguments: { to: 10, list: [null, 'ü'] }, createdBy: 'bob' });
  return { app, jobs, client, create };
}

const claimant = { owner: 'cli a:1', leaseMs: 60_000 };

describe('the operations API', () => {
  it('answers with jobs as they are kept', async () => {
    const { client, jobs, create } = await serve();
    const { id } = await create();
    const lease = await jobs.claim({ ...claimant, verbs: ['count'] });
    if (lease === undefined) throw new Error('there was nothing to claim');
    await jobs.report(
      lease,
      { progress: { done: 3, total: 10, unit: 'numbers' }, cursor: { next: 4 }, rate: 1.5, etaSeconds: 4.7 },
      60_000,
    );
    await jobs.log(lease, 'half-way');
    await jobs.log(lease, 'nearly');
    const shown = await client.showJob(id, { lines: 1 });
    const line = { number: expect.any(Number), at: expect.any(String) };
    expect(shown).toEqual({ job: await jobs.job(id), lines: [{ ...line, text: 'nearly' }], linesBefore: shown.lines[0]?.number });
    const none = await client.showJob(id, { lines: 0 });
    expect(none).toMatchObject({ lines: [], linesBefore: (shown.lines[0]?.number ?? 0) + 1 });
    expect(await client.showJob(id, { lines: 1, before: shown.linesBefore ?? 0 })).toMatchObject({
      lines: [{ text: 'half-way' }],
      linesBefore: null,
    });
    await jobs.settle(lease, { state: 'done', result: [1, { two: null }] });
    expect(await client.listJobs({ limit: 10 })).toEqual([await jobs.job(id)]);
  });

  it('finds jobs by state and verb', async () => {
    const { client, jobs, create } = await serve();
    const [first, second, third] = [await create(), await create('rebuild'), await create()];
    await jobs.pause(first.id);
    await jobs.cancel(second.id);
    const idsOf = async (filter: Partial<Parameters<typeof client.listJobs>[0]>) =>
      (await client.listJobs({ limit: 10, ...filter })).map(({ id }) => id);
    expect(await idsOf({ states: ['paused'] })).toEqual([first.id]);
    expect(await idsOf({ states: ['queued', 'cancelled'] })).toEqual([third.id, second.id]);
    expect(await idsOf({ verb: 'rebuild' })).toEqual([second.id]);
    expect(await idsOf({ limit: 1 })).toEqual([third.id]);
    expect(await idsOf({ before: `${third.createdAt},${third.id}` })).toEqual([second.id, first.id]);
    await expect(idsOf({ before: third.id })).rejects.toMatchObject({ code: 'BadRequest' });
  });

  it('steers jobs, and the audit log says who did', async () => {
    const { client, create } = await serve();
    const { id } = await create();
    expect((await client.controlJob(id, 'pause')).state).toBe('paused');
    expect((await client.controlJob(id, 'resume')).state).toBe('queued');
    expect((await client.controlJob(id, 'cancel')).state).toBe('cancelled');
    await expect(client.controlJob(id, 'resume')).rejects.toMatchObject({ code: 'JobEnded', message: expect.stringContaining(id) });
    const actions = await client.listActions({ operator: 'ada', limit: 10 });
    expect(actions.map(({ verb, reason, outcome }) => [verb, reason, outcome?.succeeded])).toEqual([
      ['job resume', 'drill', false],
      ['job cancel', 'drill', true],
      ['job resume', 'drill', true],
      ['job pause', 'drill', true],
    ]);
    expect(await client.listActions({ verb: 'job pause', since: new Date(Date.now() - 60_000).toISOString(), limit: 10 })).toMatchObject([
      { before: { state: 'queued' }, outcome: { after: { state: 'paused' } } },
    ]);
    expect(await client.listActions({ operator: 'bob', limit: 10 })).toEqual([]);
    const [first] = await client.listActions({ limit: 1 });
    const all = await client.listActions({ limit: 10 });
    expect(await client.listActions({ before: `${first?.at},${first?.id}`, limit: 10 })).toEqual(all.slice(1));
    await expect(client.listActions({ before: 'z', limit: 10 })).rejects.toMatchObject({ code: 'BadRequest' });
  });

  it('tells of faults with their codes', async () => {
    const { client, app } = await serve();
    await expect(client.showJob('seven', { lines: 1 })).rejects.toMatchObject({ code: 'NotFound' });
    await expect(client.listJobs({ limit: 0 })).rejects.toMatchObject({ code: 'BadRequest' });
    expect((await app.inject('/operations/jobs?state=asleep')).json()).toMatchObject({ status: 400, code: 'BadRequest' });
    expect((await app.inject('/operations/audit?since=yesterday')).json()).toMatchObject({ status: 400, code: 'BadRequest' });
  });

  it('refuses text that no database holds', async () => {
    const { app, create } = await serve();
    const { id } = await create();
    const pause = { method: 'POST' as const, url: `/operations/jobs/${id}/pause`, payload: { operator: 'ada', reason: 'a\u0000b' } };
    for (const request of ['/operations/jobs/x%00', '/operations/audit?operator=x%00', pause]) {
      expect((await app.inject(request)).json()).toMatchObject({ status: 400, detail: expect.stringContaining('NUL') });
    }
  });

  it('changes nothing for a page of another origin, which can send no JSON', async () => {
    const { app, jobs, create } = await serve();
    const { id } = await create();
    const url = `/operations/jobs/${id}/cancel`;
    const payload = JSON.stringify({ operator: 'mallory' });
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      const answer = await app.inject({ method: 'POST', url, payload, headers: { 'content-type': type } });
      expect([400, 415]).toContain(answer.statusCode);
    }
    expect((await app.inject({ method: 'POST', url })).statusCode).toBe(400);
    expect((await app.inject({ method: 'OPTIONS', url })).headers['access-control-allow-origin']).toBeUndefined();
    expect((await jobs.job(id)).state).toBe('queued');
  });

  it('describes every parameter and answer', async () => {
    const { app } = await serve();
    const { paths } = (await app.inject('/operations/openapi.json')).json();
    const routes: { parameters?: { name: string; description?: string }[]; responses: { 200: { description: string } } }[] = Object.values(
      paths,
    ).flatMap((each) => Object.values(each as object));
    const parameters = routes.flatMap((each) => each.parameters ?? []);
    expect(parameters.length).toBeGreaterThan(0);
    expect(parameters.filter(({ description }) => description === undefined)).toEqual([]);
    expect(routes.map((each) => each.responses[200].description)).not.toContain('Default Response');
  });

  it('describes itself', async () => {
    const { app } = await serve();
    const document = (await app.inject('/operations/openapi.json')).json();
    expect(Object.keys(document.paths).sort()).toEqual([
      '/operations/audit',
      '/operations/jobs',
      '/operations/jobs/{id}',
      '/operations/jobs/{id}/cancel',
      '/operations/jobs/{id}/pause',
      '/operations/jobs/{id}/resume',
    ]);
  });
});
