import { OperationsClient } from '@kiroku/client';
import { KirokuError } from '@kiroku/core';
import type { ServiceDoctor, ServiceDoctorReport } from '@kiroku/operations';
import { InMemoryJobStore, InMemoryOperatorAudit } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { serveOperations } from './serve-operations.test-service.ts';

const stores = { jobs: new InMemoryJobStore(), audit: new InMemoryOperatorAudit() };
const report: ServiceDoctorReport = {
  checks: ['snapshots', 'settings'],
  findings: [
    {
      code: 'SnapshotAhead',
      severity: 'warning',
      what: 'One.',
      where: 'event_store',
      why: 'It misleads.',
      fix: 'deletes it',
      outcome: 'found',
    },
    { code: 'TimingOff', severity: 'info', what: 'It is off.', where: 'server', why: 'Nobody can tell.', outcome: 'found' },
  ],
  notMade: [{ check: 'disks', reason: 'They are elsewhere.' }],
};

function doctor() {
  const asked: (readonly string[] | undefined)[] = [];
  const look: ServiceDoctor['look'] = async (only) => {
    asked.push(only);
    if (only?.includes('nonsense')) throw new KirokuError('BadRequest', 'There is no check nonsense.');
    return report;
  };
  return { asked, doctor: { look } };
}

test('what was found is told over HTTP as it is, of all checks or of those that are named', async () => {
  const given = doctor();
  await using served = await serveOperations({ stores, doctor: given.doctor });
  const client = new OperationsClient(served);
  expect(await client.runDoctor()).toEqual(report);
  await client.runDoctor(['settings']);
  await client.runDoctor(['settings', 'clock']);
  expect(given.asked).toEqual([undefined, ['settings'], ['settings', 'clock']]);
  await expect(client.runDoctor(['nonsense'])).rejects.toMatchObject({ code: 'BadRequest', message: 'There is no check nonsense.' });
});

test('a gateway that does not know the databases has no doctor', async () => {
  await using served = await serveOperations({ stores });
  await expect(new OperationsClient(served).runDoctor()).rejects.toMatchObject({ code: 'NotFound' });
});
