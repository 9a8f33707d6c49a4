import { type AlertRule, alertRules, duration, promql, recordingRules } from '@kiroku/operations/alert-rules';

/**
 * A rules file of Prometheus: figures, then the alerts. All in one group, which is looked at in order and at one time: in groups of their own, alerts
 * would see the figures of the look before.
 */
export function ruleFile(): object {
  const figures = recordingRules.map(({ name, of }) => ({ record: name, expr: promql(of) }));
  return { groups: [{ name: 'kiroku', interval: '15s', rules: [...figures, ...alertRules.map(alertOf)] }] };
}

function alertOf({ name, severity, when, forSeconds, summary, unit, runbook }: AlertRule): object {
  return {
    alert: name,
    expr: promql(when),
    ...(forSeconds > 0 && { for: duration(forSeconds) }),
    labels: { severity },
    annotations: { summary: summaryTemplate(summary, unit), runbook_url: `docs/runbooks/${runbook}` },
  };
}

const formats = { ratio: 'humanizePercentage', seconds: 'humanizeDuration', count: 'humanize' } as const;

function summaryTemplate(summary: string, unit: AlertRule['unit']): string {
  return summary.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    name === 'value' ? `{{ $value | ${formats[unit]} }}` : `{{ $labels.${name} }}`,
  );
}
