import type { Expression } from '../alert-rules/expression.ts';

/** The metrics without which an expression says nothing. That there are none can be what `absent` and `unless` look for. */
export function neededMetrics(expression: Expression | number): readonly string[] {
  if (typeof expression === 'number') return [];
  switch (expression.kind) {
    case 'selected':
      return [expression.metric];
    case 'range':
      return [expression.of.metric];
    case 'arithmetic':
      return [...new Set([...neededMetrics(expression.left), ...neededMetrics(expression.right)])];
    case 'join': {
      const { operator, left, right } = expression;
      return [...new Set([...neededMetrics(left), ...(operator === 'and' ? neededMetrics(right) : [])])];
    }
    case 'comparison':
      return neededMetrics(expression.left);
    case 'aggregate':
    case 'quantile':
    case 'recorded':
      return neededMetrics(expression.of);
    case 'absent':
      return [];
  }
}
