import type { Arithmetic, Comparison, Expression } from '../alert-rules/expression.ts';
import { bucketQuantile } from './bucket-quantile.ts';
import { overTime } from './over-time.ts';
import { keyOf, type Labels, type Sample, type SampleWindow } from './sample-window.ts';

/** What an expression is at a time, as Prometheus would say. */
export function evaluate(expression: Expression, window: SampleWindow, at: number): readonly Sample[] {
  const inner = (of: Expression) => evaluate(of, window, at);
  switch (expression.kind) {
    case 'selected':
      return window.latest(expression.metric, expression.where, at);
    case 'range': {
      const { apply, of, seconds } = expression;
      return window.range(of.metric, of.where, at, seconds).flatMap((series) => {
        const value = overTime(apply, series, at, seconds);
        return value === undefined ? [] : [{ labels: series.labels, value }];
      });
    }
    case 'aggregate':
      return grouped(inner(expression.of), (labels) => only(labels, expression.by)).map(({ labels, samples }) => ({
        labels,
        value: aggregates[expression.apply](samples.map(({ value }) => value)),
      }));
    case 'quantile':
      return grouped(inner(expression.of), (labels) => without(labels, 'le')).map(({ labels, samples }) => ({
        labels,
        value: bucketQuantile(
          expression.quantile,
          samples.map(({ labels: { le }, value }) => ({ bound: boundOf(le), count: value })),
        ),
      }));
    case 'arithmetic':
      return calculated(
        expression.operator,
        typeof expression.left === 'number' ? expression.left : inner(expression.left),
        inner(expression.right),
      );
    case 'comparison':
      return inner(expression.left).filter(({ value }) => comparisons[expression.operator](value, expression.right));
    case 'join': {
      const keys = new Set(inner(expression.right).map(({ labels }) => keyOf(only(labels, expression.on))));
      const wanted = expression.operator === 'and';
      return inner(expression.left).filter(({ labels }) => keys.has(keyOf(only(labels, expression.on))) === wanted);
    }
    case 'absent':
      return inner(expression.of).length > 0 ? [] : [{ labels: equalities(expression.of.where), value: 1 }];
    case 'recorded':
      return inner(expression.of);
  }
}

const aggregates = {
  sum: (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0),
  max: (values: readonly number[]) => values.reduce((most, value) => (value > most || Number.isNaN(most) ? value : most)),
  min: (values: readonly number[]) => values.reduce((least, value) => (value < least || Number.isNaN(least) ? value : least)),
} as const;

const comparisons: { readonly [operator in Comparison]: (left: number, right: number) => boolean } = {
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
  '<': (left, right) => left < right,
  '==': (left, right) => left === right,
};

const operations: { readonly [operator in Arithmetic]: (left: number, right: number) => number } = {
  '-': (left, right) => left - right,
  '/': (left, right) => left / right,
};

function calculated(operator: Arithmetic, left: number | readonly Sample[], right: readonly Sample[]): readonly Sample[] {
  const apply = operations[operator];
  if (typeof left === 'number') return right.map(({ labels, value }) => ({ labels, value: apply(left, value) }));
  const counterparts = new Map(right.map(({ labels, value }) => [keyOf(labels), value]));
  return left.flatMap(({ labels, value }) => {
    const other = counterparts.get(keyOf(labels));
    return other === undefined ? [] : [{ labels, value: apply(value, other) }];
  });
}

function grouped(
  samples: readonly Sample[],
  by: (labels: Labels) => Labels,
): readonly { readonly labels: Labels; readonly samples: Sample[] }[] {
  const groups = new Map<string, { readonly labels: Labels; readonly samples: Sample[] }>();
  for (const sample of samples) {
    const labels = by(sample.labels);
    const key = keyOf(labels);
    const group = groups.get(key) ?? { labels, samples: [] };
    group.samples.push(sample);
    groups.set(key, group);
  }
  return [...groups.values()];
}

function only(labels: Labels, names: readonly string[]): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => names.includes(name)));
}

function without(labels: Labels, name: string): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([label]) => label !== name));
}

function equalities(where: Readonly<Record<string, unknown>>): Labels {
  return Object.fromEntries(Object.entries(where).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

function boundOf(le = ''): number {
  return le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le);
}
