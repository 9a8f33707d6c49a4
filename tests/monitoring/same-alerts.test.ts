import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Input, limits, stepSeconds } from '@kiroku/monitoring';
import { type Alert, AlertEvaluation } from '@kiroku/operations';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { root } from '../shop/running-shop.ts';
import { type Exported, exposition, notation } from './exposition.ts';
import { missing, promtool } from './promtool.ts';
import { scenario } from './scenario.ts';

const rulesName = 'kiroku.rules.yml';

/** What is worked out without Prometheus, look after look; a target that exports `undefined` does not answer. */
function alertsAt(looks: readonly Readonly<Record<string, Exported | undefined>>[]): readonly (readonly Alert[])[] {
  const evaluation = new AlertEvaluation();
  return looks.map((targets, look) => {
    const answers = Object.entries(targets).map(([host, exported]) => ({
      service: host,
      url: `http://${host}`,
      answer: exported === undefined ? { reason: 'gone' } : { text: exposition(exported) },
    }));
    evaluation.observe({ at: look * stepSeconds, time: '' }, answers);
    return evaluation.report().alerts;
  });
}

describe('without Prometheus', () => {
  test.each(limits)('$alert fires beyond its limit when it does with it, and not within', ({ alert, beyond, within, firesAt, labels }) => {
    const firing = (input: Input, until: number) =>
      alertsAt(looksOf(input, until)).map((alerts) => alerts.filter(({ name, state }) => name === alert && state === 'firing'));
    const seen = firing(beyond, firesAt);
    expect(seen.findIndex((alerts) => alerts.length > 0)).toBe(firesAt / stepSeconds);
    expect(seen.at(-1)).toMatchObject([{ labels }]);
    for (const input of within) expect(firing(input, firesAt + 300).flat()).toEqual([]);
  });
});

/** `up` and `instance` come from who asks: here they are what the input says, so it stands for the target. */
function looksOf(input: Input, until: number): readonly Readonly<Record<string, Exported | undefined>>[] {
  const values = Object.entries(input).map(([series, runs]) => ({
    series,
    values: runs.flatMap(({ start, step, count }) => Array.from({ length: count + 1 }, (_, index) => start + step * index)),
  }));
  const own = (series: string) => series.startsWith('up{');
  const watched = values.find(({ series }) => own(series));
  return Array.from({ length: until / stepSeconds + 1 }, (_, look) => {
    const exported = Object.fromEntries(values.filter(({ series }) => !own(series)).map(({ series, values: of }) => [series, of[look]]));
    if (watched === undefined) return { [hostOf(values[0]?.series)]: exported };
    if (!watched.series.includes('job="kiroku"')) return {};
    return { [hostOf(watched.series)]: watched.values[look] === 0 ? undefined : exported };
  });
}

function hostOf(series = ''): string {
  return /instance="([^"]*)"/.exec(series)?.[1] ?? 'a:1';
}

// of these, 2 and 12 tell apart how a rate is carried on to the edges of its time
test.skipIf(missing !== '').each([2, 12])(
  `services that fail, restart and go, are the same alerts with Prometheus and without: course %i${missing}`,
  async (seed) => {
    const { looks, series } = scenario({ seed, looks: 100 });
    const ours = alertsAt(looks);
    expect(new Set(ours.flat().map(({ name, state }) => `${name} ${state}`)).size).toBeGreaterThan(15);
    const testFile = {
      rule_files: [rulesName],
      evaluation_interval: `${stepSeconds}s`,
      tests: [
        {
          interval: `${stepSeconds}s`,
          input_series: [...series].map(([name, values]) => ({ series: name, values: notation(values) })),
          promql_expr_test: ours.map((alerts, look) => ({
            expr: 'ALERTS',
            eval_time: `${look * stepSeconds}s`,
            exp_samples: alerts.filter(({ state }) => state !== 'resolved').map((alert) => ({ labels: alertsSeries(alert), value: 1 })),
          })),
        },
      ],
    };
    const rules = await readFile(join(root, 'docs/operations/prometheus', rulesName), 'utf8');
    const { ok, said } = await promtool(['test', 'rules', 'test.yml'], { [rulesName]: rules, 'test.yml': stringify(testFile) });
    expect(said.slice(0, 4_000)).toContain('SUCCESS');
    expect(ok).toBe(true);
  },
);

function alertsSeries({ name, state, severity, labels }: Alert): string {
  const all = { alertname: name, alertstate: state, severity, ...labels };
  return `ALERTS{${Object.entries(all)
    .map(([label, value]) => `${label}=${JSON.stringify(value)}`)
    .join(',')}}`;
}
