import { catalog } from '@kiroku/service/metrics';
import type { ReadMatcher, ReadSelector } from './read-promql.ts';

/** Labels that Prometheus adds to what it is told. */
const ofTarget = ['job', 'instance'];

interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface ExportedSeries {
  /** What an expression asks for and is not there: a metric, a label, or a value of a label. */
  lacks(selector: ReadSelector): readonly string[];
}

/** What services export, read anew from the text: our own parser is what is being checked elsewhere. */
export async function exportedSeries(urls: readonly string[]): Promise<ExportedSeries> {
  const text = (await Promise.all(urls.map(async (url) => (await fetch(`${url}/metrics`)).text()))).join('\n');
  const types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]));
  const series: readonly Series[] = [...text.matchAll(/^([a-z_0-9]+)(?:\{(.*)\})? \S+$/gm)].map(([, name = '', labels = '']) => ({
    name,
    labels: Object.fromEntries([...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label = '', value = '']) => [label, value])),
  }));
  return { lacks: (selector) => (selector.metric === 'up' ? [] : lacking(selector, types, series)) };
}

function lacking(
  { metric, matchers, groupedBy }: ReadSelector,
  types: ReadonlyMap<string, string>,
  series: readonly Series[],
): readonly string[] {
  const base = metric.replace(/_(bucket|sum|count)$/, '');
  if (!(types.has(metric) || types.get(base) === 'histogram')) return [`${metric} is not exported`];
  const these = series.filter(({ name }) => name === metric);
  const has = (label: string) =>
    ofTarget.includes(label) || (these.length > 0 ? these.some(({ labels }) => label in labels) : declared(base).includes(label));
  const labels = [...matchers.map(({ label }) => label), ...groupedBy].filter((label) => !has(label));
  const none = these.length > 0 && !these.some((each) => matchers.every((matcher) => fits(each, matcher)));
  return [
    ...labels.map((label) => `${metric} has no label ${label}`),
    ...(none ? [`nothing is ${metric}${JSON.stringify(matchers)}`] : []),
  ];
}

function declared(name: string): readonly string[] {
  const metric = Object.values(catalog).find((each) => each.name === name);
  return ['service', ...(metric?.labels ?? [])];
}

function fits({ labels }: Series, { label, operator, value }: ReadMatcher): boolean {
  const present = labels[label] ?? '';
  if (operator === '=') return present === value;
  return new RegExp(`^(?:${value})$`).test(present) === (operator === '=~');
}
