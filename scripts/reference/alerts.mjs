// docs/reference/alerts.md, from the alert rules.
import { alertRules, duration, promql, recordingRules } from '@kiroku/operations/alert-rules';

const cell = (text) => text.replaceAll('|', '\\|');
const meant = (summary) => cell(summary.replaceAll(/\{(\w+)\}/g, '_$1_'));
const rows = alertRules.map(
  ({ name, severity, when, forSeconds, summary, runbook, guide = '' }) =>
    `| \`${name}\` | ${severity} | ${meant(summary)} | \`${cell(promql(when))}\` | ${forSeconds > 0 ? duration(forSeconds) : 'at once'} | ${guide} | [${runbook.replace('.md', '')}](../runbooks/${runbook}) |`,
);
const figures = recordingRules.map(({ name, of }) => `| \`${name}\` | \`${cell(promql(of))}\` |`);

export const page = `# Alerts

What \`kiroku alerts\` works out, and Prometheus with [kiroku.rules.yml](../operations/prometheus/kiroku.rules.yml). \`critical\`: act now. \`warning\`: look within the day.
\`info\`: noted, nobody is woken. [How they are judged](../operations/monitoring.md#alerts).

| Alert | | Says | When | Held for | Guide | Runbook |
|---|---|---|---|---|---|---|
${rows.join('\n')}

## Figures

Kept by Prometheus under names of their own. Dashboards and alerts are made of them.

| Figure | Is |
|---|---|
${figures.join('\n')}
`;
