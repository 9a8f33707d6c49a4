import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

export interface ReadMatcher {
  readonly label: string;
  readonly operator: string;
  readonly value: string;
}

/** What an expression asks for: series by name, with what it says about their labels, and the labels that it groups them by. */
export interface ReadSelector {
  readonly metric: string;
  readonly matchers: readonly ReadMatcher[];
  readonly groupedBy: readonly string[];
}

/** The series of a PromQL expression, by the grammar of Prometheus. Throws if it is none. */
export function readPromql(expression: string): readonly ReadSelector[] {
  const textOf = ({ from, to }: SyntaxNode) => expression.slice(from, to);
  const found: ReadSelector[] = [];
  const visit = (node: SyntaxNode, groupedBy: readonly string[]): void => {
    if (node.type.isError) throw new Error(`No PromQL: ${expression}`);
    if (node.name === 'VectorSelector') found.push({ ...selectorOf(node, textOf), groupedBy });
    const labels = node.name === 'AggregateExpr' ? labelsOf(node.getChild('AggregateModifier')?.getChild('GroupingLabels'), textOf) : [];
    for (const child of childrenOf(node)) visit(child, [...groupedBy, ...labels]);
  };
  visit(parser.parse(expression).topNode, []);
  return found;
}

function selectorOf(node: SyntaxNode, textOf: (node: SyntaxNode) => string): Omit<ReadSelector, 'groupedBy'> {
  const identifier = node.getChild('Identifier');
  const matchers = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
  return {
    metric: identifier === null ? '' : textOf(identifier),
    matchers: matchers.map((matcher) => {
      const [label = '', operator = '', value = '""'] = ['LabelName', 'MatchOp', 'StringLiteral'].map((name) => {
        const part = matcher.getChild(name);
        return part === null ? undefined : textOf(part);
      });
      return { label, operator, value: JSON.parse(value) as string };
    }),
  };
}

function labelsOf(node: SyntaxNode | null | undefined, textOf: (node: SyntaxNode) => string): readonly string[] {
  return node?.getChildren('LabelName').map(textOf) ?? [];
}

function childrenOf(node: SyntaxNode): readonly SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) children.push(child);
  return children;
}
