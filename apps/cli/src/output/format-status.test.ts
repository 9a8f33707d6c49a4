import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { formatStatusRows } from './format-status.ts';

const rowsOf = (status: Parameters<typeof formatStatusRows>[0]) =>
  formatStatusRows(status, 0).map((row) => row.map((cell) => stripVTControlCharacters(cell)));

test('why a service is not ready stands in the last column, where it widens no other row', () => {
  const reason = 'event_store: the database cannot be reached';
  const url = 'http://127.0.0.1:4001';
  const service = {
    name: 'command-service',
    url,
    state: 'unready',
    ready: false,
    latencyMs: 1,
    since: undefined,
    reason,
    dependencies: [],
  };
  const services = [{ ...service, pid: 4711, startedAt: undefined, restarts: 0 }];
  const status = { state: 'unhealthy', healthy: false, supervisor: undefined, services, databases: [], projections: [], work: [] } as const;
  const [[name, state, what] = []] = rowsOf(status);
  expect([name, state]).toEqual(['command-service', 'unready']);
  expect(what).toBe(`${url}, process 4711: ${reason}`);
});

test('a process that runs and does not answer is told with what helps; one that is gone is started again', () => {
  const url = 'http://127.0.0.1:4001';
  const unreachable = {
    name: 'command-service',
    url,
    state: 'unreachable',
    ready: false,
    latencyMs: undefined,
    since: undefined,
    dependencies: [],
  };
  const whyOf = (reason: string, more: { readonly silent?: true } = {}) => {
    const services = [{ ...unreachable, ...more, reason, pid: 4711, startedAt: undefined, restarts: 0 }];
    const status = {
      state: 'unhealthy',
      healthy: false,
      supervisor: undefined,
      services,
      databases: [],
      projections: [],
      work: [],
    } as const;
    return rowsOf(status)[0]?.[2]?.split(': ').slice(1).join(': ');
  };
  expect(whyOf('no answer within 5 s', { silent: true })).toBe(
    'no answer within 5 s. If that lasts, it hangs: `kiroku restart command-service`',
  );
  expect(whyOf('nothing answers (ECONNREFUSED)')).toBe('nothing answers (ECONNREFUSED)');
});

test('what several parts of the background work share is said once', () => {
  const reason = 'nothing is overdue, but command-service does not answer';
  const work = ['timers of fulfilment', 'jobs'].map((name) => ({ name, state: 'unknown' as const, reason }));
  const status = { state: 'degraded', healthy: false, supervisor: undefined, services: [], databases: [], projections: [], work } as const;
  expect(rowsOf(status)).toEqual([
    ['timers of fulfilment', 'unknown', reason],
    ['jobs', 'unknown', 'as timers of fulfilment'],
  ]);
});

test('what cannot be looked at has a row with the reason', () => {
  const unseen = [{ name: 'background work', reason: 'permission denied' }] as const;
  const status = {
    state: 'unhealthy',
    healthy: false,
    supervisor: undefined,
    services: [],
    databases: [],
    projections: [],
    work: undefined,
  } as const;
  expect(rowsOf({ ...status, unseen })).toEqual([['background work', 'unseen', 'permission denied']]);
});
