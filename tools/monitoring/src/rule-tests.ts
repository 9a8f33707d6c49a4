import { alertRules } from '@kiroku/operations/alert-rules';
import { type Input, type Limit, type Run, stepSeconds } from './limits/limit.ts';
import { limits } from './limits/limits.ts';

/** Tests of the rules file for `promtool test rules`: each alert on both sides of its limit. */
export function ruleTests(ruleFileName: string): object {
  return {
    rule_files: [ruleFileName],
    evaluation_interval: `${stepSeconds}s`,
    tests: limits.flatMap((limit) => [beyond(limit), ...limit.within.map((input, index) => within(limit, input, index))]),
  };
}

function beyond(limit: Limit): object {
  const { alert, firesAt, labels } = limit;
  const { severity } = alertRules.find(({ name }) => name === alert) ?? {};
  const firing = { labels: selector({ alertname: alert, alertstate: 'firing', severity: severity ?? '', ...labels }), value: 1 };
  const before = firesAt >= stepSeconds ? [look(alert, firesAt - stepSeconds, [])] : [];
  return testOf(`${alert}: beyond its limit`, limit.beyond, [...before, look(alert, firesAt, [firing])]);
}

function within({ alert, firesAt }: Limit, input: Input, index: number): object {
  const looks = [firesAt, firesAt + 150, firesAt + 300].map((time) => look(alert, time, []));
  return testOf(`${alert}: within its limit, ${index + 1}`, input, looks);
}

function testOf(name: string, input: Input, looks: readonly object[]): object {
  const series = Object.entries(input).map(([each, runs]) => ({ series: each, values: runs.map(notation).join(' ') }));
  return { name, interval: `${stepSeconds}s`, input_series: series, promql_expr_test: looks };
}

function look(alert: string, seconds: number, samples: readonly object[]): object {
  return { expr: selector({ alertname: alert, alertstate: 'firing' }), eval_time: `${seconds}s`, exp_samples: samples };
}

function selector(labels: Readonly<Record<string, string>>): string {
  return `ALERTS{${Object.entries(labels)
    .map(([label, value]) => `${label}="${value}"`)
    .join(', ')}}`;
}

/** As promtool writes runs of values. */
function notation({ start, step, count }: Run): string {
  return `${start}+${step}x${count}`;
}
