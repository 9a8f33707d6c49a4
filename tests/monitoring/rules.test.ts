import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { limits } from '@kiroku/monitoring';
import { alertRules, recordingRules } from '@kiroku/operations/alert-rules';
import { catalog } from '@kiroku/service/metrics';
import { describe, expect, test } from 'vitest';
import { root } from '../shop/running-shop.ts';
import { namedSeries } from './named-series.ts';
import { missing, promtool } from './promtool.ts';

const rulesName = 'kiroku.rules.yml';
const testName = 'kiroku.rules.test.yml';
const read = (name: string) => readFile(join(root, 'docs/operations/prometheus', name), 'utf8');
const [rules, tests] = await Promise.all([read(rulesName), read(testName)]);

describe('the rules for Prometheus', () => {
  test.skipIf(missing !== '')(`are what it takes for rules${missing}`, async () => {
    const { ok, said } = await promtool(['check', 'rules', rulesName], { [rulesName]: rules });
    expect(said).toContain(`SUCCESS: ${alertRules.length + recordingRules.length} rules found`);
    expect(ok).toBe(true);
  });

  test.skipIf(missing !== '')(`fire beyond their limits and not within${missing}`, async () => {
    expect(await promtool(['test', 'rules', testName], { [rulesName]: rules, [testName]: tests })).toMatchObject({ ok: true });
  });

  test.skipIf(missing !== '')(`are noticed if a limit or a time is another${missing}`, async () => {
    const others = rules
      .replace('kiroku:host_memory:ratio > 0.9\n        for: 5m', 'kiroku:host_memory:ratio > 0.92\n        for: 5m')
      .replace('absent(up{job="kiroku"})\n        for: 5m', 'absent(up{job="kiroku"})\n        for: 4m');
    const { ok, said } = await promtool(['test', 'rules', testName], { [rulesName]: others, [testName]: tests });
    expect(ok).toBe(false);
    expect(new Set(said.match(/Kiroku\w+/g))).toEqual(new Set(['KirokuMemoryHigh', 'KirokuUnwatched']));
  });
});

/** What Prometheus has by itself, and what `prom-client` tells of any process. */
const notOurs = ['up', 'ALERTS', 'process_resident_memory_bytes', 'process_start_time_seconds'];

test('rules and dashboards name only metrics of the catalogue, by labels that these have', async () => {
  const { selectors, recorded } = await namedSeries();
  const labels = new Map<string, readonly string[]>(Object.values(catalog).map((metric) => [metric.name, metric.labels]));
  const ofEverySeries = ['service', 'instance', 'job', 'le'];
  const wrong = selectors.filter(({ metric, matchers, groupedBy }) => {
    if (recorded.has(metric) || notOurs.includes(metric)) return false;
    const known = labels.get(metric) ?? labels.get(metric.replace(/_(bucket|sum|count)$/, ''));
    return (
      known === undefined ||
      ![...matchers.map(({ label }) => label), ...groupedBy].every((label) => [...known, ...ofEverySeries].includes(label))
    );
  });
  expect(selectors.length).toBeGreaterThan(100);
  expect(wrong).toEqual([]);
});

test.skipIf(missing !== '')(`what monitoring.md puts into prometheus.yml is what it takes${missing}`, async () => {
  const page = await readFile(join(root, 'docs/operations/monitoring.md'), 'utf8');
  const [, config = ''] = /```yaml\n(# prometheus.yml\n[^`]*)```/.exec(page) ?? [];
  expect(await promtool(['check', 'config', 'prometheus.yml'], { 'prometheus.yml': config, [rulesName]: rules })).toMatchObject({
    ok: true,
  });
});

describe('every alert', () => {
  test.each(alertRules)('$name has a runbook that names it, and is shown on both sides of its limit', async ({ name, runbook }) => {
    expect(await readFile(join(root, 'docs/runbooks', runbook), 'utf8')).toContain(`\`${name}\``);
    expect(limits.filter(({ alert }) => alert === name)).toHaveLength(1);
  });

  test('of the thresholds of the operations guide is there', () => {
    const guide = alertRules.map((rule) => rule.guide);
    for (const line of ['CPU < 80 %', 'memory < 90 %', 'disk < 85 %', 'response time p95 < 200 ms', 'errors < 0.1 %'])
      expect(guide).toContain(line);
    for (const line of ['commands succeed > 99.9 %', 'sagas complete > 99 %', 'event delay < 100 ms']) expect(guide).toContain(line);
  });

  test.each([...new Set(alertRules.map(({ runbook }) => runbook))])('the runbook %s names commands that there are', async (runbook) => {
    const page = await readFile(join(root, 'docs/runbooks', runbook), 'utf8');
    const reference = await readFile(join(root, 'docs/reference/cli.md'), 'utf8');
    const usages = new Map([...reference.matchAll(/^Usage: (kiroku(?: [a-z-]+)+)(.*)$/gm)].map(([, name = '', rest = '']) => [name, rest]));
    const named = [...page.matchAll(/(?<=^|`)kiroku(?: --reason (?:"[^"]*"|\S+))? ([a-z]+)(?: ([a-z][a-z-]*))?/gm)];
    const unknown = named.flatMap(([, first = '', second = '']) => {
      const usage = usages.get(`kiroku ${first}`);
      const isKnown = usage?.endsWith('[command]') && second !== '' ? usages.has(`kiroku ${first} ${second}`) : usage !== undefined;
      return isKnown ? [] : [`kiroku ${first} ${second}`];
    });
    expect(named.length).toBeGreaterThan(0);
    expect(unknown).toEqual([]);
  });
});
