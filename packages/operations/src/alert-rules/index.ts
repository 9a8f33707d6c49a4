export { type AlertGroup, alertRules } from './alert-rules.ts';
export {
  absent,
  and,
  average,
  compare,
  type Expression,
  increase,
  max,
  min,
  quantile,
  rate,
  ratio,
  rest,
  type Selected,
  series,
  sum,
  unless,
} from './expression.ts';
export { duration, promql } from './promql.ts';
export * as recorded from './recordings.ts';
export { recordingRules } from './recordings.ts';
export type { AlertRule, RecordingRule, Severity } from './rule.ts';
