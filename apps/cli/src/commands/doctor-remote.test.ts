import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { printedBy } from '../printed-by.test-service.ts';

const report = {
  checks: ['snapshots'],
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
  ],
  notMade: [{ check: 'disks', reason: 'They are elsewhere.' }],
};
const asked: (string | undefined)[] = [];
const gateway = createServer(({ method, url }, answer) => {
  asked.push(`${method} ${url}`);
  answer.setHeader('content-type', 'application/json').end(JSON.stringify(report));
});
let url: string;
beforeAll(async () => {
  await new Promise<void>((listening) => gateway.listen(0, '127.0.0.1', listening));
  url = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`; // it listens at a port
});
afterAll(() => void gateway.close());

const doctor = (...args: readonly string[]) => printedBy(['node', 'kiroku', 'doctor', '--remote', url, ...args]);

test('`kiroku doctor --remote` needs nothing but the gateway, and says what was not looked at', async () => {
  const { code, printed } = await doctor('--only', 'snapshots', 'leases');
  expect(code).toBe(3);
  expect(printed).toMatch(
    /SnapshotAhead event_store[\s\S]*where the databases can be reached, deletes it\.\n- disks was not looked at[\s\S]*1 warning/,
  );
  expect(asked.at(-1)).toBe('GET /operations/doctor?only=snapshots&only=leases');
  expect(JSON.parse((await doctor('--json')).printed)).toEqual(report);
});

test('it repairs nothing', async () => {
  const before = asked.length;
  expect(await doctor('--fix', '--yes')).toMatchObject({ code: 2, printed: expect.stringContaining('run it where they can be reached') });
  expect(asked).toHaveLength(before);
});
