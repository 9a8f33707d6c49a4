import { and, compare, type Expression, increase, series, sum } from '../expression.ts';
import { commandFaults, graphqlFaults, requestFaults, requestP95, sagaFailures } from '../recordings.ts';
import type { AlertRule } from '../rule.ts';

/** Fewer faults than this in the time looked at are no alert, however quiet the night: one of ten requests would be 10 %. */
const fewestFaults = 5;
/** Fewer answers than this in 5 minutes say nothing about the 95th percentile. */
const fewestAnswers = 20;

function beyond(share: Expression, limit: number, count: Expression, by = 'service', fewest = fewestFaults): Expression {
  return and(compare(share, '>', limit), [by], compare(count, '>=', fewest));
}

function slow(seconds: number): Expression {
  const answers = sum(['service'], increase(series('kiroku_http_request_duration_seconds_count'), 300));
  return and(compare(requestP95, '>', seconds), ['service'], compare(answers, '>=', fewestAnswers));
}

/** What those who use it notice. */
export const requestRules: readonly AlertRule[] = [
  {
    name: 'KirokuRequestsFail',
    severity: 'critical',
    when: beyond(requestFaults.ratio5m, 0.05, requestFaults.count5m),
    forSeconds: 60,
    summary: '{service} answers {value} of all requests with a fault (5xx).',
    unit: 'ratio',
    runbook: 'faults.md',
  },
  {
    name: 'KirokuRequestFaults',
    severity: 'warning',
    when: beyond(requestFaults.ratio15m, 0.001, requestFaults.count15m),
    forSeconds: 120,
    summary: '{service} answers {value} of all requests with a fault (5xx).',
    unit: 'ratio',
    runbook: 'faults.md',
    guide: 'errors < 0.1 %',
  },
  {
    name: 'KirokuGraphqlFails',
    severity: 'critical',
    when: beyond(graphqlFaults.ratio5m, 0.05, graphqlFaults.count5m),
    forSeconds: 60,
    summary: '{service} answers {value} of all GraphQL requests with a fault.',
    unit: 'ratio',
    runbook: 'faults.md',
  },
  {
    name: 'KirokuGraphqlFaults',
    severity: 'warning',
    when: beyond(graphqlFaults.ratio15m, 0.001, graphqlFaults.count15m),
    forSeconds: 120,
    summary: '{service} answers {value} of all GraphQL requests with a fault.',
    unit: 'ratio',
    runbook: 'faults.md',
    guide: 'errors < 0.1 %',
  },
  {
    name: 'KirokuVerySlow',
    severity: 'critical',
    when: slow(1),
    forSeconds: 300,
    summary: 'Of the requests to {service}, 5 % take longer than {value}.',
    unit: 'seconds',
    runbook: 'slow.md',
  },
  {
    name: 'KirokuSlow',
    severity: 'warning',
    when: slow(0.2),
    forSeconds: 300,
    summary: 'Of the requests to {service}, 5 % take longer than {value}.',
    unit: 'seconds',
    runbook: 'slow.md',
    guide: 'response time p95 < 200 ms',
  },
  {
    name: 'KirokuCommandsFail',
    severity: 'critical',
    when: beyond(commandFaults.ratio5m, 0.05, commandFaults.count5m),
    forSeconds: 60,
    summary: '{value} of all commands end with a fault, at {service}.',
    unit: 'ratio',
    runbook: 'faults.md',
  },
  {
    name: 'KirokuCommandFaults',
    severity: 'warning',
    when: beyond(commandFaults.ratio15m, 0.001, commandFaults.count15m),
    forSeconds: 120,
    summary: '{value} of all commands end with a fault, at {service}.',
    unit: 'ratio',
    runbook: 'faults.md',
    guide: 'commands succeed > 99.9 %',
  },
  {
    name: 'KirokuSagasFail',
    severity: 'warning',
    when: beyond(sagaFailures.ratio1h, 0.01, sagaFailures.count1h, 'process_manager', 3),
    forSeconds: 0,
    summary: '{value} of all sagas of {process_manager} that ended within an hour have failed.',
    unit: 'ratio',
    runbook: 'saga.md',
    guide: 'sagas complete > 99 %',
  },
  {
    name: 'KirokuSagaFailed',
    severity: 'info',
    when: compare(sagaFailures.count1h, '>', 0),
    forSeconds: 0,
    summary: 'Within an hour, {value} sagas of {process_manager} have failed: each needs somebody.',
    unit: 'count',
    runbook: 'saga.md',
  },
];
