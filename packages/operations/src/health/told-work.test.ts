import { expect, test } from 'vitest';
import type { WorkStatus } from './judge-work.ts';
import type { ServiceHealth } from './service-health.ts';
import { toldWork } from './told-work.ts';

const service = (name: string, { state = 'ready', tells = [] as readonly string[] } = {}): ServiceHealth => ({
  name,
  url: 'http://127.0.0.1:4001',
  state,
  ready: state === 'ready',
  latencyMs: 1,
  since: undefined,
  reason: undefined,
  dependencies: tells.map((each) => ({ name: each, state: 'up', latencyMs: 1, since: undefined, reason: undefined })),
});
const work: readonly WorkStatus[] = [
  { name: 'process manager fulfilment', state: 'orphaned', reason: 'its holder is gone' },
  { name: 'timers of fulfilment', state: 'running' },
  { name: 'consumer crm', state: 'running' },
];
const statesOf = (services: readonly ServiceHealth[]) => toldWork(work, services).map(({ state }) => state);

test('what nobody tells of is unknown while a service is silent, and what is wrong stays so', () => {
  const services = [service('command-service', { state: 'unreachable' }), service('query-service', { tells: ['query_db'] })];
  expect(toldWork(work, services)).toEqual([
    work[0],
    {
      name: 'timers of fulfilment',
      state: 'unknown',
      reason: 'nothing is overdue, but command-service does not answer, and no other service tells of it',
    },
    expect.objectContaining({ name: 'consumer crm', state: 'unknown' }),
  ]);
});

test('another instance tells', () => {
  const tells = ['timers of fulfilment', 'webhooks to consumers'];
  expect(statesOf([service('a', { state: 'unreachable' }), service('b', { tells })])).toEqual(['orphaned', 'running', 'running']);
});

test('while all services answer, or there are none, the databases say enough', () => {
  expect(toldWork(work, [service('query-service')])).toBe(work);
  expect(toldWork(work, [])).toBe(work);
});
