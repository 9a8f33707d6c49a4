import { alertRules } from '@kiroku/operations/alert-rules';
import { type Input, type Limit, type Run, stepSeconds } from './limits/limit.ts';
import { limits } from './limits/limits.ts';

/** One alert, with an input on one side of its limit. */
interface Shown {
  readonly name: string;
  readonly input: Input;
  readonly looks: readonly object[];
}

/** Tests of the rules file for `promtool test rules`: each alert on both sides of its limit. */
export function ruleTests(ruleFileName: string): object {
  const shown = limits.flatMap((limit) => [beyond(limit), ...limit.within.map((input, index) => within(limit, input, index))]);
  return {
    rule_files: [ruleFileName],
    evaluation_interval: `${stepSeconds}s`,
    tests: together(shown).map(testOf),
  };
}

function beyond(limit: Limit): Shown {
  const { alert, firesAt, labels } = limit;
  const { severity } = alertRules.find(({ name }) => name === alert) ?? {};
  const firing = { labels: selector({ alertname: alert, alertstate: 'firing', severity: severity ?? '', ...labels }), value: 1 };
  const before = firesAt >= stepSeconds ? [look(alert, firesAt - stepSeconds, [])] : [];
  return { name: `${alert} beyond`, input: limit.beyond, looks: [...before, look(alert, firesAt, [firing])] };
}

function within({ alert, firesAt }: Limit, input: Input, index: number): Shown {
  const looks = [firesAt, firesAt + 150, firesAt + 300].map((time) => look(alert, time, []));
  return { name: `${alert} within (${index + 1})`, input, looks };
}

/** Those that share no metric cannot disturb each other, and are one test: promtool works all rules out for each. Each alone took 11 s, 12 tests take 3 s. */
function together(shown: readonly Shown[]): readonly (readonly Shown[])[] {
  const tests: { readonly metrics: Set<string>; readonly members: Shown[] }[] = [];
  for (const each of shown) {
    const metrics = Object.keys(each.input).map((series) => series.replace(/\{.*/, ''));
    const free = tests.find((test) => metrics.every((metric) => !test.metrics.has(metric)));
    const test = free ?? { metrics: new Set<string>(), members: [] };
    if (free === undefined) tests.push(test);
    for (const metric of metrics) test.metrics.add(metric);
    test.members.push(each);
  }
  return tests.map(({ members }) => members);
}

function testOf(members: readonly Shown[]): object {
  const series = members.flatMap(({ input }) => Object.entries(input));
  return {
    name: members.map(({ name }) => name).join(', '),
    interval: `${stepSeconds}s`,
    input_series: series.map(([name, runs]) => ({ series: name, values: runs.map(notation).join(' ') })),
    promql_expr_test: members.flatMap(({ looks }) => looks),
  };
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
