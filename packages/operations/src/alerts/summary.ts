import type { AlertRule } from '../alert-rules/rule.ts';
import type { Labels } from './sample-window.ts';

/** What an alert says, with its labels and its value. */
export function summaryOf({ summary, unit }: Pick<AlertRule, 'summary' | 'unit'>, labels: Labels, value: number): string {
  return summary.replaceAll(/\{(\w+)\}/g, (_, name: string) => (name === 'value' ? inUnit(value, unit) : (labels[name] ?? '?')));
}

function inUnit(value: number, unit: AlertRule['unit']): string {
  switch (unit) {
    case 'ratio':
      return `${Number((value * 100).toPrecision(3))} %`;
    case 'seconds':
      return value < 1 ? `${Number((value * 1_000).toPrecision(3))} ms` : `${Number(value.toPrecision(3))} s`;
    case 'count':
      return String(Number(value.toPrecision(3)));
  }
}
