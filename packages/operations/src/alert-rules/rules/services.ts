import { absent, average, changes, compare, max, min, series } from '../expression.ts';
import type { AlertRule } from '../rule.ts';

/** Parts of `/health` with an alert of their own. */
const ownAlerts = ['log', 'jobs'];

/** Is everything there, and does it take requests? */
export const serviceRules: readonly AlertRule[] = [
  {
    name: 'KirokuServiceDown',
    severity: 'critical',
    when: compare(max(['instance'], series('up', { job: 'kiroku' })), '==', 0),
    forSeconds: 60,
    summary: 'The service at {instance} does not answer.',
    unit: 'count',
    runbook: 'service-down.md',
    guide: 'service down',
  },
  {
    name: 'KirokuUnwatched',
    severity: 'critical',
    when: absent(series('up', { job: 'kiroku' })),
    forSeconds: 300,
    summary: 'Prometheus asks no service of the job kiroku: nothing else would be noticed.',
    unit: 'count',
    runbook: 'service-down.md',
  },
  {
    name: 'KirokuNotReady',
    severity: 'critical',
    when: compare(min(['service', 'instance'], series('kiroku_ready')), '==', 0),
    forSeconds: 120,
    summary: '{service} at {instance} runs, and takes no requests.',
    unit: 'count',
    runbook: 'service-down.md',
    guide: 'service down',
  },
  {
    name: 'KirokuRestarting',
    severity: 'warning',
    // not resets of a counter: a process that crashes a while after its start leaves it as high as the next one has it by then
    when: compare(max(['service', 'instance'], changes(series('process_start_time_seconds'), 900)), '>', 2),
    forSeconds: 0,
    summary: '{service} at {instance} has been started anew {value} times in 15 minutes.',
    unit: 'count',
    runbook: 'service-down.md',
  },
  {
    name: 'KirokuDatabaseDown',
    severity: 'critical',
    when: compare(min(['service', 'dependency'], series('kiroku_dependency_up')), '==', 0),
    forSeconds: 60,
    summary: '{service} gets no answer from {dependency} in time.',
    unit: 'count',
    runbook: 'database-down.md',
    guide: 'service down',
  },
  {
    name: 'KirokuPartDown',
    severity: 'warning',
    when: compare(min(['service', 'part'], series('kiroku_health_part_up', { part: { not: ownAlerts } })), '==', 0),
    forSeconds: 120,
    summary: '{part} is down, says the health of {service}.',
    unit: 'count',
    runbook: 'health.md',
  },
  {
    name: 'KirokuPoolExhausted',
    severity: 'warning',
    when: compare(max(['service', 'instance', 'pool'], average(series('kiroku_database_pool_waiting'), 300)), '>', 1),
    forSeconds: 300,
    summary: '{value} calls of {service} at {instance} wait for a connection to {pool}, on average.',
    unit: 'count',
    runbook: 'saturation.md',
    guide: 'high load',
  },
  {
    name: 'KirokuEventLoopBlocked',
    severity: 'warning',
    when: compare(max(['service', 'instance'], average(series('kiroku_event_loop_lag_seconds', { quantile: '0.99' }), 300)), '>', 0.1),
    forSeconds: 300,
    summary: 'Timers of {service} at {instance} come {value} late: something keeps it busy.',
    unit: 'seconds',
    runbook: 'saturation.md',
    guide: 'high load',
  },
];
