import { compare, increase, max, min, series, sum, unless } from '../expression.ts';
import type { AlertRule } from '../rule.ts';

/** Jobs are kept there: without it nothing is known of them, and that is the alert. */
const commandDbDown = compare(min([], series('kiroku_dependency_up', { dependency: 'command_db' })), '==', 0);

/** What works when nobody waits for an answer. */
export const backgroundRules: readonly AlertRule[] = [
  {
    name: 'KirokuProcessManagerBehind',
    severity: 'critical',
    when: compare(max(['process_manager'], series('kiroku_process_manager_lag_seconds')), '>', 30),
    forSeconds: 120,
    summary: 'The process manager {process_manager} is {value} behind the log: what it would do waits.',
    unit: 'seconds',
    runbook: 'work-overdue.md',
  },
  {
    name: 'KirokuOutboxOverdue',
    severity: 'warning',
    when: compare(max([], series('kiroku_outbox_oldest_seconds')), '>', 300),
    forSeconds: 120,
    summary: 'A command of a process manager has waited for {value}.',
    unit: 'seconds',
    runbook: 'work-overdue.md',
  },
  {
    name: 'KirokuTimersOverdue',
    severity: 'critical',
    when: compare(max(['process_manager'], series('kiroku_timers_overdue_seconds')), '>', 30),
    forSeconds: 120,
    summary: 'A timer of {process_manager} has been due for {value}.',
    unit: 'seconds',
    runbook: 'work-overdue.md',
  },
  {
    name: 'KirokuSagasStuck',
    severity: 'warning',
    when: compare(max(['process_manager'], series('kiroku_sagas_stuck')), '>', 0),
    forSeconds: 60,
    summary: '{value} sagas of {process_manager} wait for somebody to retry their command.',
    unit: 'count',
    runbook: 'saga.md',
  },
  {
    name: 'KirokuDeadLetters',
    severity: 'warning',
    when: compare(max(['consumer'], series('kiroku_consumer_messages', { state: 'dead' })), '>', 0),
    forSeconds: 60,
    summary: '{value} messages could not be delivered to the consumer {consumer}.',
    unit: 'count',
    runbook: 'consumer.md',
  },
  {
    name: 'KirokuConsumerBehind',
    severity: 'warning',
    when: compare(max(['consumer'], series('kiroku_consumer_lag_seconds')), '>', 300),
    forSeconds: 300,
    summary: 'The consumer {consumer} is {value} behind the log.',
    unit: 'seconds',
    runbook: 'consumer.md',
  },
  {
    name: 'KirokuJobsStalled',
    severity: 'warning',
    when: unless(compare(min(['service'], series('kiroku_health_part_up', { part: 'jobs' })), '==', 0), [], commandDbDown),
    forSeconds: 120,
    summary: 'A job waits that nobody takes, or whose owner is gone.',
    unit: 'count',
    runbook: 'job.md',
  },
  {
    name: 'KirokuJobFailed',
    severity: 'warning',
    when: compare(max([], series('kiroku_jobs_failed')), '>', 0),
    forSeconds: 0,
    summary: 'Within a day, {value} jobs have failed, or were abandoned.',
    unit: 'count',
    runbook: 'job.md',
  },
  {
    name: 'KirokuAuditLost',
    severity: 'warning',
    when: compare(sum(['service'], increase(series('kiroku_command_audit_lost_total'), 900)), '>', 0),
    forSeconds: 0,
    summary: 'Within a quarter of an hour, {value} commands without events could not be written into the audit.',
    unit: 'count',
    runbook: 'audit.md',
  },
  {
    name: 'KirokuPartitionsMissing',
    severity: 'warning',
    when: compare(max([], series('kiroku_log_partitions_ahead')), '<', 1),
    forSeconds: 900,
    summary: 'No partition of events is ready after the present one: appends are refused once that is full.',
    unit: 'count',
    runbook: 'db.md',
  },
];
