import type { Expression } from '../alert-rules/expression.ts';

/** How far expressions look back, by metric, in seconds; 0 for those of which the present value counts. */
export function lookBack(expressions: readonly Expression[]): ReadonlyMap<string, number> {
  const seconds = new Map<string, number>();
  const note = (metric: string, back: number) => seconds.set(metric, Math.max(seconds.get(metric) ?? 0, back));
  const visit = (expression: Expression | number): void => {
    if (typeof expression === 'number') return;
    switch (expression.kind) {
      case 'selected':
        note(expression.metric, 0);
        return;
      case 'range':
        note(expression.of.metric, expression.seconds);
        return;
      case 'arithmetic':
      case 'join':
        visit(expression.left);
        visit(expression.right);
        return;
      case 'comparison':
        visit(expression.left);
        return;
      case 'aggregate':
      case 'quantile':
      case 'absent':
      case 'recorded':
        visit(expression.of);
    }
  };
  for (const expression of expressions) visit(expression);
  return seconds;
}
