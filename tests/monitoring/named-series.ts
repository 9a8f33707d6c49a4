import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { root } from '../shop/running-shop.ts';
import { type ReadSelector, readPromql } from './read-promql.ts';

const directory = join(root, 'docs/operations');

export interface NamedSeries {
  /** What rules and dashboards ask for, each with where that stands. */
  readonly selectors: readonly (ReadSelector & { readonly where: string })[];
  /** What rules keep under names of their own. */
  readonly recorded: ReadonlySet<string>;
}

/** All that the files for Prometheus and Grafana name, read from the files. */
export async function namedSeries(): Promise<NamedSeries> {
  const file = parse(await readFile(join(directory, 'prometheus/kiroku.rules.yml'), 'utf8')) as RuleFile;
  const rules = file.groups.flatMap((group) => group.rules);
  const queries = await Promise.all((await readdir(join(directory, 'grafana'))).map(queriesOf));
  const expressions = [...rules.map(({ alert, record, expr }) => ({ where: alert ?? record ?? '', expr })), ...queries.flat()];
  return {
    selectors: expressions.flatMap(({ where, expr }) => readPromql(expr).map((selector) => ({ ...selector, where }))),
    recorded: new Set(rules.flatMap(({ record }) => record ?? [])),
  };
}

async function queriesOf(name: string): Promise<readonly { readonly where: string; readonly expr: string }[]> {
  const { panels } = JSON.parse(await readFile(join(directory, 'grafana', name), 'utf8')) as DashboardFile;
  return panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ where: `${name}: ${title}`, expr })));
}

interface RuleFile {
  readonly groups: readonly { readonly rules: readonly { readonly alert?: string; readonly record?: string; readonly expr: string }[] }[];
}

interface DashboardFile {
  readonly panels: readonly { readonly title: string; readonly targets?: readonly { readonly expr: string }[] }[];
}
