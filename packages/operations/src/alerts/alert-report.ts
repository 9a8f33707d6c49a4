import { type Severity, severities } from '../alert-rules/rule.ts';
import type { AlertState } from './alert-states.ts';
import type { Labels } from './sample-window.ts';

/** A process that is asked for its metrics. */
export interface WatchedService {
  readonly service: string;
  readonly url: string;
  readonly up: boolean;
  /** Why it is not up. */
  readonly reason?: string | undefined;
}

/** Something that is wrong, or was until a moment ago. */
export interface Alert {
  readonly name: string;
  readonly severity: Severity;
  readonly state: AlertState;
  readonly labels: Labels;
  /** In words. */
  readonly summary: string;
  /** Since it is in this state, ISO 8601. */
  readonly since: string;
  /** In docs/runbooks. */
  readonly runbook: string;
}

/** A rule that can say nothing, because no service tells what it is about. */
export interface RuleWithoutData {
  readonly name: string;
  /** Those that are missing. */
  readonly metrics: readonly string[];
}

/** What is wrong, as seen at one time. */
export interface AlertReport {
  /** ISO 8601. */
  readonly at: string;
  /** Since when the services have been asked without a break, ISO 8601: rates reach back no further. */
  readonly watchedSince: string;
  readonly services: readonly WatchedService[];
  /** Firing, pending, resolved; of each the worst first. */
  readonly alerts: readonly Alert[];
  /** Silence of these means nothing: what they are about was never set up, or its service is down or does not export it. */
  readonly withoutData: readonly RuleWithoutData[];
}

const states: readonly AlertState[] = ['firing', 'pending', 'resolved'];

/** The order in which somebody wants to read them. */
export function mostUrgentFirst(a: Alert, b: Alert): number {
  return (
    states.indexOf(a.state) - states.indexOf(b.state) ||
    severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
    a.name.localeCompare(b.name) ||
    a.summary.localeCompare(b.summary)
  );
}

/** The worst severity that fires, without what is only noted. */
export function worstFiring({ alerts }: Pick<AlertReport, 'alerts'>): 'critical' | 'warning' | undefined {
  const firing = alerts.filter(({ state }) => state === 'firing').map(({ severity }) => severity);
  if (firing.includes('critical')) return 'critical';
  return firing.includes('warning') ? 'warning' : undefined;
}
