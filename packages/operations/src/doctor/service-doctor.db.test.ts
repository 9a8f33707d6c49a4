import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { doctorChecks } from './doctor-checks.ts';
import { frozenRelay } from './frozen-relay.test-service.ts';
import { aPatient } from './patient.test-service.ts';
import { runDoctor } from './run-doctor.ts';
import { openServiceDoctor, type ServiceDoctorOptions } from './service-doctor.ts';

let given: Awaited<ReturnType<typeof aPatient>>;
beforeAll(async () => {
  given = await aPatient();
  await given.deposit(5);
});
afterAll(() => given?.[Symbol.asyncDispose]());

/** As a gateway has it: the databases as the role of the services. */
function open(more: Partial<ServiceDoctorOptions> = {}) {
  const { urls, application, keys } = given.options;
  return openServiceDoctor({ urls: urls.service, application, keys, place: 'the gateway', cacheMs: 0, ...more });
}

test('as the role of the services, all checks find what they find here, but those of disks, which are told with why', async () => {
  await given.sql('event_store', 'grant update on kiroku.events to kiroku_service');
  await using doctor = open();
  const { checks, findings, notMade } = await doctor.look();
  const here = await runDoctor(given.options, { only: checks });
  expect(findings).toEqual(here.findings);
  expect(findings).toContainEqual(expect.objectContaining({ code: 'ServiceMayAlterLog', outcome: 'found' }));
  expect(notMade).toEqual([{ check: 'disks', reason: expect.stringContaining('run on') }]);
  expect([...checks, 'disks'].sort()).toEqual(doctorChecks.map(({ name }) => name).sort());
  await given.sql('event_store', 'revoke update on kiroku.events from kiroku_service');
});

test('looks at the files of the keys that the service has', async () => {
  const keyDirectory = await mkdtemp(join(tmpdir(), 'kiroku-keys-'));
  await writeFile(join(keyDirectory, 'master.key'), '');
  await using doctor = open({ keyDirectory });
  const { findings } = await doctor.look(['keys']);
  expect(findings).toMatchObject([{ code: 'KeysDamaged', where: `${keyDirectory} of the gateway` }]);
  await rm(keyDirectory, { recursive: true });
});

test('a database that was silent is asked again the next time', { timeout: 30_000 }, async () => {
  const { service } = given.options.urls;
  await using relay = await frozenRelay(service.event_store);
  const urls = { ...service, event_store: relay.through(service.event_store) };
  await using doctor = open({ urls });
  relay.freeze();
  expect((await doctor.look(['moments', 'jobs'])).findings).toMatchObject([{ code: 'CheckFailed' }]);
  relay.thaw();
  expect((await doctor.look(['moments', 'jobs'])).findings).toEqual([]);
});

test('makes the checks that are asked for alone, and refuses what it cannot make', async () => {
  await using doctor = open();
  expect(await doctor.look(['leases', 'jobs'])).toEqual({ checks: ['jobs', 'leases'], findings: [], notMade: [] });
  await expect(doctor.look(['disks'])).rejects.toMatchObject({ code: 'BadRequest', message: expect.stringContaining('--only disks') });
  await expect(doctor.look(['nonsense'])).rejects.toMatchObject({ code: 'BadRequest' });
});

test('what takes too long is a finding, and its statement ends', async () => {
  await using blocker = await given.lock('command_db', 'kiroku.consumers');
  await using doctor = open({ timeoutMs: 300 });
  const began = performance.now();
  const { findings } = await doctor.look(['consumers', 'snapshots']);
  expect(performance.now() - began).toBeLessThan(5_000);
  expect(findings).toMatchObject([{ code: 'CheckFailed', where: expect.stringContaining('consumers') }]);
  await vi.waitFor(async () => expect(await blocker.waiting()).toBe(0), 5_000);
});

test('however many ask at the same time, a check is made once', async () => {
  const jobs = doctorChecks.find(({ name }) => name === 'jobs');
  if (jobs === undefined) throw new Error('There is one.');
  const find = vi.spyOn(jobs, 'find');
  await using doctor = open();
  await Promise.all([doctor.look(['jobs']), doctor.look(['jobs']), doctor.look(['jobs'])]);
  expect(find).toHaveBeenCalledTimes(1);
  find.mockRestore();
});
