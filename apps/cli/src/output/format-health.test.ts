import type { DatabaseStatus, HealthReport, ServiceHealth } from '@kiroku/operations';
import { expect, test } from 'vitest';
import { formatHealthRows } from './format-health.ts';

const gone = 'event_store cannot be reached';
const whyOf = (report: Pick<HealthReport, 'services' | 'databases'>) =>
  formatHealthRows({ state: 'unhealthy', healthy: false, projections: [], work: [], ...report }).map((row) => [row[1], row.at(-1)]);
const serviceOf = (name: string, reason: string, down: Record<string, string>): ServiceHealth => ({
  name,
  url: 'http://127.0.0.1:4001',
  state: 'unready',
  ready: false,
  latencyMs: 1,
  since: undefined,
  reason,
  dependencies: Object.entries(down).map(([part, why]) => ({ name: part, state: 'down', latencyMs: 1, since: undefined, reason: why })),
});
const database = (reason: string | undefined): DatabaseStatus => ({
  name: 'event_store',
  reachable: reason === undefined,
  migration: 1,
  pending: 0,
  latencyMs: 1,
  reason,
  warning: undefined,
});

test('why a database is away is told at the database, and all that needs it points there', () => {
  const services = [
    serviceOf('command-service', `event_store, jobs: ${gone}`, { event_store: gone, jobs: gone }),
    serviceOf('client-service', `command-service: not ready: ${gone}; and 1 more`, { 'command-service': `not ready: ${gone}` }),
  ];
  expect(whyOf({ services, databases: [database(gone)] })).toEqual([
    ['command-service', 'event_store, jobs: see the database event_store'],
    ['  event_store', 'see the database event_store'],
    ['  jobs', 'see the database event_store'],
    ['client-service', 'command-service: not ready: see the database event_store; and 1 more'],
    ['  command-service', 'not ready: see the database event_store'],
    ['event_store', gone],
  ]);
});

test('why a service is not ready is told at that service, and who needs it points there', () => {
  const why = 'query_db, event_store and 9 more: no answer within 2000 ms';
  const asked = `not ready (503): unready, ${why}`;
  const services = [
    serviceOf('query-service', why, {}),
    serviceOf('client-service', `query-service: ${asked}; and 1 more`, { 'query-service': asked, 'background work': 'no answer' }),
    serviceOf('payment-simulator', 'no answer within 5 s', { ledger: 'no answer within 5 s' }),
  ];
  expect(whyOf({ services, databases: [] })).toEqual([
    ['query-service', why],
    ['client-service', 'query-service: not ready (503): unready, see there; and 1 more'],
    ['  query-service', 'not ready (503): unready, see there'],
    ['  background work', 'no answer'],
    ['payment-simulator', 'no answer within 5 s'],
    ['  ledger', 'no answer within 5 s'],
  ]);
});

test('what is not shown because its database is away has a row that points there', () => {
  const away = [database(gone)];
  const report = { state: 'unhealthy', healthy: false, services: [], databases: away, projections: undefined, work: undefined } as const;
  expect(
    formatHealthRows(report)
      .map((row) => row.slice(1))
      .slice(1),
  ).toEqual([
    ['projections', 'unseen', '', '', 'see the database event_store'],
    ['background work', 'unseen', '', '', 'see the database event_store'],
  ]);
});

test('another reason is told by the first part of a service that has it', () => {
  const services = [serviceOf('command-service', 'a, b: timeout', { a: 'timeout', b: 'timeout', c: 'refused' })];
  expect(whyOf({ services, databases: [database(undefined)] })).toEqual([
    ['command-service', 'a, b: timeout'],
    ['  a', 'timeout'],
    ['  b', 'as a'],
    ['  c', 'refused'],
    ['event_store', ''],
  ]);
});
