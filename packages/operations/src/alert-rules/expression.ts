/** What a label has to be: this value, one of these, none of these, or something that begins like this. */
export type Matcher = string | readonly string[] | { readonly not: readonly string[] } | { readonly prefix: string };
export type Matchers = { readonly [label: string]: Matcher };

/** The series of a metric, by its exported name. */
export interface Selected {
  readonly kind: 'selected';
  readonly metric: string;
  readonly where: Matchers;
}

export type RangeFunction = 'rate' | 'increase' | 'changes' | 'avg_over_time';
export type Arithmetic = '-' | '/';
export type Comparison = '>' | '>=' | '<' | '==';

/**
 * The part of PromQL that the rules are made of, as data: written out for Prometheus by `promql`, worked out without one by `evaluate`. Each means what
 * it means there.
 */
export type Expression =
  | Selected
  /** Over the seconds before. */
  | { readonly kind: 'range'; readonly apply: RangeFunction; readonly of: Selected; readonly seconds: number }
  | { readonly kind: 'aggregate'; readonly apply: 'sum' | 'max' | 'min'; readonly by: readonly string[]; readonly of: Expression }
  /** Of buckets, which have the label `le`. */
  | { readonly kind: 'quantile'; readonly quantile: number; readonly of: Expression }
  /** Of what has the same labels on both sides, or of a number and all. */
  | { readonly kind: 'arithmetic'; readonly operator: Arithmetic; readonly left: Expression | number; readonly right: Expression }
  /** What is so; the others are left out. */
  | { readonly kind: 'comparison'; readonly operator: Comparison; readonly left: Expression; readonly right: number }
  /** What has, or has not, a counterpart with the same values of these labels. */
  | {
      readonly kind: 'join';
      readonly operator: 'and' | 'unless';
      readonly on: readonly string[];
      readonly left: Expression;
      readonly right: Expression;
    }
  /** 1 if there is no such series. */
  | { readonly kind: 'absent'; readonly of: Selected }
  /** Stored by Prometheus under a name of its own. */
  | { readonly kind: 'recorded'; readonly name: string; readonly of: Expression };

export function series(metric: string, where: Matchers = {}): Selected {
  return { kind: 'selected', metric, where };
}

export function rate(of: Selected, seconds: number): Expression {
  return { kind: 'range', apply: 'rate', of, seconds };
}

export function increase(of: Selected, seconds: number): Expression {
  return { kind: 'range', apply: 'increase', of, seconds };
}

/** How often a value became another. */
export function changes(of: Selected, seconds: number): Expression {
  return { kind: 'range', apply: 'changes', of, seconds };
}

export function average(of: Selected, seconds: number): Expression {
  return { kind: 'range', apply: 'avg_over_time', of, seconds };
}

export function sum(by: readonly string[], of: Expression): Expression {
  return { kind: 'aggregate', apply: 'sum', by, of };
}

export function max(by: readonly string[], of: Expression): Expression {
  return { kind: 'aggregate', apply: 'max', by, of };
}

export function min(by: readonly string[], of: Expression): Expression {
  return { kind: 'aggregate', apply: 'min', by, of };
}

export function quantile(which: number, of: Expression): Expression {
  return { kind: 'quantile', quantile: which, of };
}

export function ratio(left: Expression, right: Expression): Expression {
  return { kind: 'arithmetic', operator: '/', left, right };
}

/** What is left to 1. */
export function rest(of: Expression): Expression {
  return { kind: 'arithmetic', operator: '-', left: 1, right: of };
}

export function compare(left: Expression, operator: Comparison, right: number): Expression {
  return { kind: 'comparison', operator, left, right };
}

export function and(left: Expression, on: readonly string[], right: Expression): Expression {
  return { kind: 'join', operator: 'and', on, left, right };
}

export function unless(left: Expression, on: readonly string[], right: Expression): Expression {
  return { kind: 'join', operator: 'unless', on, left, right };
}

export function absent(of: Selected): Expression {
  return { kind: 'absent', of };
}
