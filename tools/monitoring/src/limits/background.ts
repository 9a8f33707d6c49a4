import { counted, type Limit, steady } from './limit.ts';

const of = (metric: string, more = '') => `kiroku_${metric}{service="command-service",instance="a:4001"${more}}`;
const fulfilment = ',process_manager="fulfilment"';
const processManager = { process_manager: 'fulfilment' };
const jobsPart = of('health_part_up', ',part="jobs"');
const commandDb = of('dependency_up', ',dependency="command_db"');
const gauge = (
  alert: string,
  series: string,
  at: readonly [within: number, beyond: number],
  rest: Pick<Limit, 'firesAt' | 'labels'>,
): Limit => ({
  alert,
  beyond: { [series]: steady(at[1]) },
  within: [{ [series]: steady(at[0]) }],
  ...rest,
});
const dead = of('consumer_messages', ',consumer="billing",state="dead"');
const waiting = of('consumer_messages', ',consumer="billing",state="waiting"');

export const backgroundLimits: readonly Limit[] = [
  gauge('KirokuProcessManagerBehind', of('process_manager_lag_seconds', fulfilment), [30, 31], { firesAt: 120, labels: processManager }),
  gauge('KirokuOutboxOverdue', of('outbox_oldest_seconds'), [300, 301], { firesAt: 120, labels: {} }),
  gauge('KirokuTimersOverdue', of('timers_overdue_seconds', fulfilment), [30, 31], { firesAt: 120, labels: processManager }),
  gauge('KirokuSagasStuck', of('sagas_stuck', fulfilment), [0, 1], { firesAt: 60, labels: processManager }),
  {
    alert: 'KirokuDeadLetters',
    beyond: { [dead]: steady(1) },
    firesAt: 60,
    labels: { consumer: 'billing' },
    within: [{ [dead]: steady(0), [waiting]: steady(9) }],
  },
  gauge('KirokuConsumerBehind', of('consumer_lag_seconds', ',consumer="billing"'), [300, 301], {
    firesAt: 300,
    labels: { consumer: 'billing' },
  }),
  {
    alert: 'KirokuJobsStalled',
    beyond: { [jobsPart]: steady(0), [commandDb]: steady(1) },
    firesAt: 120,
    labels: { service: 'command-service' },
    within: [
      { [jobsPart]: steady(1), [commandDb]: steady(1) },
      { [jobsPart]: steady(0), [commandDb]: steady(0) },
    ],
  },
  gauge('KirokuJobFailed', of('jobs_failed'), [0, 1], { firesAt: 0, labels: {} }),
  {
    alert: 'KirokuAuditLost',
    beyond: { [of('command_audit_lost_total')]: counted(1) },
    firesAt: 15,
    labels: { service: 'command-service' },
    within: [{ [of('command_audit_lost_total')]: steady(0) }, { [of('command_audit_lost_total')]: steady(7) }],
  },
  gauge('KirokuPartitionsMissing', of('log_partitions_ahead'), [1, 0], { firesAt: 900, labels: {} }),
];
