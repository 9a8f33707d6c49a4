import { manySpareBuilds } from '../../projection-list/spare-builds.ts';
import { average, compare, type Expression, max, series, unless } from '../expression.ts';
import type { AlertRule } from '../rule.ts';

const paused = compare(max(['projection'], series('kiroku_projection_state', { state: 'paused' })), '==', 1);
/** One that somebody has paused is behind because somebody wants it to be. */
const unlessPaused = (when: Expression) => unless(when, ['projection'], paused);
const lag = series('kiroku_projection_lag_seconds');

/** Do the read models say what the log says? */
export const readModelRules: readonly AlertRule[] = [
  {
    name: 'KirokuProjectionStalled',
    severity: 'critical',
    when: compare(max(['projection', 'state'], series('kiroku_projection_state', { state: ['stalled', 'orphaned'] })), '==', 1),
    forSeconds: 60,
    summary: 'The projection {projection} stands still: it is {state}.',
    unit: 'count',
    runbook: 'projection-stalled.md',
    guide: 'data inconsistency',
  },
  {
    name: 'KirokuProjectionBehind',
    severity: 'critical',
    when: unlessPaused(compare(max(['projection'], lag), '>', 30)),
    forSeconds: 300,
    summary: 'The projection {projection} is {value} behind the log.',
    unit: 'seconds',
    runbook: 'projection-behind.md',
    guide: 'data inconsistency',
  },
  {
    name: 'KirokuEventDelay',
    severity: 'warning',
    when: unlessPaused(compare(max(['projection'], average(lag, 300)), '>', 0.1)),
    forSeconds: 300,
    summary: 'Events reach the projection {projection} {value} late, on average.',
    unit: 'seconds',
    runbook: 'projection-behind.md',
    guide: 'event delay < 100 ms',
  },
  {
    name: 'KirokuKeysParked',
    severity: 'warning',
    when: compare(max(['projection'], series('kiroku_projection_parked_keys')), '>', 0),
    forSeconds: 60,
    summary: 'The projection {projection} has {value} parked keys: their rows are as they were before an event that it cannot fold.',
    unit: 'count',
    runbook: 'projection-parked.md',
    guide: 'data inconsistency',
  },
  {
    name: 'KirokuBuildsPileUp',
    severity: 'warning',
    when: compare(max(['projection'], series('kiroku_projection_spare_builds')), '>=', manySpareBuilds),
    forSeconds: 3_600,
    summary: 'The projection {projection} has {value} builds that nobody reads and no rollback leads to: every event is folded into each.',
    unit: 'count',
    runbook: 'projection-rebuild.md',
  },
  {
    name: 'KirokuProjectionPaused',
    severity: 'info',
    when: paused,
    forSeconds: 900,
    summary: 'The projection {projection} is paused: somebody wanted it to be.',
    unit: 'count',
    runbook: 'projection-stalled.md',
    guide: 'configuration change',
  },
];
