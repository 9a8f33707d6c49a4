import type { Expression, Matcher, Selected } from './expression.ts';

/** The expression as Prometheus reads it. */
export function promql(expression: Expression): string {
  switch (expression.kind) {
    case 'selected':
      return selector(expression);
    case 'range':
      return `${expression.apply}(${selector(expression.of)}[${duration(expression.seconds)}])`;
    case 'aggregate':
      return `${expression.apply} by (${expression.by.join(', ')}) (${promql(expression.of)})`;
    case 'quantile':
      return `histogram_quantile(${expression.quantile}, ${promql(expression.of)})`;
    case 'arithmetic':
      return `${operand(expression.left)} ${expression.operator} ${operand(expression.right)}`;
    case 'comparison':
      return `${operand(expression.left)} ${expression.operator} ${expression.right}`;
    case 'join':
      return `${operand(expression.left)} ${expression.operator} on (${expression.on.join(', ')}) ${operand(expression.right)}`;
    case 'absent':
      return `absent(${selector(expression.of)})`;
    case 'recorded':
      return expression.name;
  }
}

/** `90s`, `5m`, `1h`: as Prometheus writes it. */
export function duration(seconds: number): string {
  if (seconds > 0 && seconds % 3_600 === 0) return `${seconds / 3_600}h`;
  return seconds > 0 && seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
}

function operand(expression: Expression | number): string {
  if (typeof expression === 'number') return String(expression);
  const isBinary = ['arithmetic', 'comparison', 'join'].includes(expression.kind);
  return isBinary ? `(${promql(expression)})` : promql(expression);
}

function selector({ metric, where }: Selected): string {
  const conditions = Object.entries(where).map(([label, matcher]) => `${label}${condition(matcher)}`);
  return conditions.length === 0 ? metric : `${metric}{${conditions.join(',')}}`;
}

function condition(matcher: Matcher): string {
  if (typeof matcher === 'string') return `=${JSON.stringify(matcher)}`;
  if ('prefix' in matcher) return `=~${JSON.stringify(`${escaped(matcher.prefix)}.*`)}`;
  return 'not' in matcher ? `!~${alternatives(matcher.not)}` : `=~${alternatives(matcher)}`;
}

function alternatives(values: readonly string[]): string {
  return JSON.stringify(values.map(escaped).join('|'));
}

function escaped(value: string): string {
  return value.replaceAll(/[\\^$.|?*+()[\]{}]/g, '\\$&');
}
