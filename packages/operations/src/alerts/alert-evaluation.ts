import { alertRules } from '../alert-rules/alert-rules.ts';
import type { ServiceAddress } from '../processes/ask-processes.ts';
import { type AlertReport, mostUrgentFirst, type RuleWithoutData, type WatchedService } from './alert-report.ts';
import { AlertStates, type Look } from './alert-states.ts';
import { evaluate } from './evaluate.ts';
import { lookBack } from './look-back.ts';
import { neededMetrics } from './needed-metrics.ts';
import { SampleWindow } from './sample-window.ts';
import { summaryOf } from './summary.ts';
import { type ExportedSample, parseMetrics } from './text-format.ts';

/** What a service answered when it was asked for its metrics. */
export interface MetricsAnswer extends ServiceAddress {
  readonly answer: { readonly text: string } | { readonly reason: string };
}

export interface EvaluationOptions {
  /** Seconds for which anything has to hold before it fires, at most. Default: as long as its rule says. */
  readonly longestHold?: number;
}

/** The job that Prometheus is told in docs/operations/monitoring.md. */
const job = 'kiroku';

/** Works the alert rules out from what services export, look by look. Knows no clock: it is told when each look was. */
export class AlertEvaluation {
  readonly #window = new SampleWindow(lookBack(alertRules.map(({ when }) => when)));
  readonly #states = new AlertStates();
  readonly #longestHold: number;
  #services: readonly WatchedService[] = [];
  #first: Look | undefined;
  #last: Look = { at: 0, time: '' };

  constructor({ longestHold = Number.POSITIVE_INFINITY }: EvaluationOptions = {}) {
    this.#longestHold = longestHold;
  }

  /** Takes what all services answered. */
  observe(look: Look, answers: readonly MetricsAnswer[]): void {
    const { at } = look;
    this.#first ??= look;
    this.#last = look;
    this.#services = answers.map((each) => this.#take(at, each));
    for (const rule of alertRules) {
      this.#states.update(rule, evaluate(rule.when, this.#window, at), look, Math.min(rule.forSeconds, this.#longestHold));
    }
  }

  /** What is wrong, as of the last look. */
  report(): AlertReport {
    const alerts = this.#states.list().map(({ rule, labels, state, value, since }) => ({
      name: rule.name,
      severity: rule.severity,
      state,
      labels,
      summary: summaryOf(rule, labels, value),
      since: since.time,
      runbook: rule.runbook,
    }));
    return {
      at: this.#last.time,
      watchedSince: (this.#first ?? this.#last).time,
      services: this.#services,
      alerts: alerts.toSorted(mostUrgentFirst),
      withoutData: this.#withoutData(),
    };
  }

  /** Judged by the metric alone: a series of it may only be there once there is something to count, as of failed requests. */
  #withoutData(): readonly RuleWithoutData[] {
    const isTold = (metric: string) => this.#window.latest(metric, {}, this.#last.at).length > 0;
    return alertRules
      .map(({ name, when }) => ({ name, metrics: neededMetrics(when).filter((metric) => !isTold(metric)) }))
      .filter(({ metrics }) => metrics.length > 0);
  }

  /** A service that does not answer, or with something else than metrics, exports nothing but that it is down. */
  #take(at: number, { service, url, answer }: MetricsAnswer): WatchedService {
    const read = 'text' in answer ? samplesOf(answer.text) : answer;
    const up = 'samples' in read;
    const own: ExportedSample = { name: 'up', labels: {}, value: up ? 1 : 0 };
    this.#window.append(at, { job, instance: new URL(url).host }, [...(up ? read.samples : []), own]);
    return { service, url, up, ...(!up && { reason: read.reason }) };
  }
}

function samplesOf(text: string): { readonly samples: readonly ExportedSample[] } | { readonly reason: string } {
  try {
    return { samples: parseMetrics(text) };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}
