import type { Alert, AlertReport } from '@kiroku/operations';
import { describe, expect, test } from 'vitest';
import { run } from '../run.ts';
import { AlertChanges } from './alert-changes.ts';
import { exitCodes } from './exit-codes.ts';
import { alertRow, alertsExitCode, formatWatched, formatWithoutData } from './format-alerts.ts';

const alert: Alert = {
  name: 'KirokuServiceDown',
  severity: 'critical',
  state: 'firing',
  labels: { instance: '127.0.0.1:4001' },
  summary: 'The service at 127.0.0.1:4001 does not answer.',
  since: '2026-11-24T10:00:00.000Z',
  runbook: 'service-down.md',
};
const report = (...alerts: readonly Partial<Alert>[]): AlertReport => ({
  at: '2026-11-24T10:01:00.000Z',
  watchedSince: '2026-11-24T09:00:00.000Z',
  services: [{ service: 'command-service', url: 'http://127.0.0.1:4001', up: false, reason: 'it hangs' }],
  alerts: alerts.map((each) => ({ ...alert, ...each })),
  withoutData: [],
});

describe('the shell is told', () => {
  test.each([
    ['nothing fires', [], exitCodes.ok],
    ['something is only pending, resolved or noted', [{ state: 'pending' }, { state: 'resolved' }, { severity: 'info' }], exitCodes.ok],
    ['a warning fires', [{ severity: 'warning' }, { state: 'pending' }], exitCodes.degraded],
    ['something critical fires', [{ severity: 'warning' }, {}], exitCodes.failed],
  ] as const)('that %s', (_, alerts, code) => {
    expect(alertsExitCode(report(...alerts))).toBe(code);
  });

  test('that the command line is wrong', async () => {
    expect(await run(['node', 'kiroku', 'alerts', '--state', 'over'])).toBe(exitCodes.usage);
  });
});

test('a service that is down is named, with the reason', () => {
  expect(alertRow(alert, report(alert)).slice(2)).toEqual([
    'KirokuServiceDown',
    '2026-11-24 10:00:00',
    'docs/runbooks/service-down.md',
    'The service at 127.0.0.1:4001 does not answer. (command-service: it hangs)',
  ]);
});

test('it is said for how long somebody has watched, or that nobody has', () => {
  expect(formatWatched(report(alert, { state: 'pending' }), true)).toBe('1 firing, 1 pending, 0 resolved. Watched for 1 h 1 min.');
  expect(formatWatched(report(), false)).toContain('No gateway answers');
});

describe('of rules that have no data', () => {
  const without = (...metrics: readonly string[]) => ({
    withoutData: metrics.map((metric) => ({ name: `Kiroku ${metric}`, metrics: [metric] })),
  });

  test('nothing is said if there are none, or the gateway is older and does not say', () => {
    expect(formatWithoutData(without())).toBeUndefined();
    expect(formatWithoutData({})).toBeUndefined();
  });

  test('it is said how many there are, and what is missing, each once', () => {
    expect(formatWithoutData(without('a'))).toBe('1 rule has no data: no service tells a.');
    expect(formatWithoutData(without('a', 'a', 'b'))).toBe('3 rules have no data: no service tells a, b.');
  });

  test('of many only some are named', () => {
    const many = Array.from({ length: 9 }, (_, index) => `m${index}`);
    expect(formatWithoutData(without(...many))).toContain('m5 and 3 more (--json names them).');
  });
});

describe('of report after report', () => {
  const pending = { ...alert, state: 'pending' as const };
  const later = { ...alert, since: '2026-11-24T10:00:30.000Z' };

  test('what is new is what is in another state, or has come again', () => {
    const changes = new AlertChanges();
    const news = (...alerts: readonly Alert[]) => changes.since(alerts, { watched: true });
    expect(news(pending)).toEqual([pending]);
    expect(news(pending)).toEqual([]);
    expect(news(alert, { ...pending, labels: { instance: 'b' } })).toHaveLength(2);
    expect(news(later)).toEqual([later]);
    expect(news()).toEqual([]);
    expect(news(later)).toEqual([later]);
  });

  test('with nobody who watches, since when it holds is new each time, and no news', () => {
    const changes = new AlertChanges();
    expect(changes.since([alert], { watched: false })).toEqual([alert]);
    expect(changes.since([later], { watched: false })).toEqual([]);
  });
});
