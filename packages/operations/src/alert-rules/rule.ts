import type { Expression } from './expression.ts';

/** `critical`: somebody has to act now. `warning`: somebody has to look, within the day. `info`: noted, nobody is woken. */
export type Severity = 'critical' | 'warning' | 'info';
export const severities: readonly Severity[] = ['critical', 'warning', 'info'];

/** Something that somebody is told about. */
export interface AlertRule {
  readonly name: `Kiroku${string}`;
  readonly severity: Severity;
  /** Each series it gives is an alert of its own, named by its labels. */
  readonly when: Expression;
  /** Seconds for which it has to hold before it fires; until then it is pending. */
  readonly forSeconds: number;
  /** What is wrong; `{label}` stands for the value of a label, `{value}` for that of the expression. */
  readonly summary: string;
  /** What the value of the expression is. */
  readonly unit: 'count' | 'seconds' | 'ratio';
  /** In docs/runbooks: what it means, what to look at, what to do. */
  readonly runbook: string;
  /** The line of the operations guide that it watches. */
  readonly guide?: string;
}

/** A figure that dashboards and alerts share. Named as Prometheus recommends: what it is of, what it is, how it was made. */
export interface RecordingRule {
  readonly name: `kiroku:${string}`;
  readonly of: Expression;
}
