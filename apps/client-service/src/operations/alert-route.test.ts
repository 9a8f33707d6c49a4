import { OperationsClient } from '@kiroku/client';
import type { AlertReport } from '@kiroku/operations';
import { InMemoryJobStore, InMemoryOperatorAudit } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { serveOperations } from './serve-operations.test-service.ts';

const stores = { jobs: new InMemoryJobStore(), audit: new InMemoryOperatorAudit() };
const report: AlertReport = {
  at: '2026-11-24T10:01:00.000Z',
  watchedSince: '2026-11-24T09:00:00.000Z',
  services: [
    { service: 'command-service', url: 'http://127.0.0.1:4001', up: false, reason: 'it hangs' },
    { service: 'query-service', url: 'http://127.0.0.1:4002', up: true },
  ],
  alerts: [
    {
      name: 'KirokuServiceDown',
      severity: 'critical',
      state: 'firing',
      labels: { instance: '127.0.0.1:4001' },
      summary: 'The service at 127.0.0.1:4001 does not answer.',
      since: '2026-11-24T10:00:00.000Z',
      runbook: 'service-down.md',
    },
  ],
  withoutData: [{ name: 'KirokuDeadLetters', metrics: ['kiroku_consumer_messages'] }],
};

test('what the gateway has seen is told over HTTP as it is', async () => {
  await using served = await serveOperations({ stores, alerts: async () => report });
  expect(await new OperationsClient(served).showAlerts()).toEqual(report);
});

test('a gateway that does not watch has no alerts to tell of', async () => {
  await using served = await serveOperations({ stores });
  await expect(new OperationsClient(served).showAlerts()).rejects.toMatchObject({ code: 'NotFound' });
});
