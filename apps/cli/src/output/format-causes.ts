import type { CauseNode } from '@kiroku/operations';
import colors from 'picocolors';

/** The tree of causes, a line for each command and event, under what led to it. */
export function formatCauses(tree: readonly CauseNode[]): string {
  return tree.flatMap((node) => linesOf(node, '', '')).join('\n');
}

function linesOf(node: CauseNode, first: string, others: string): readonly string[] {
  const below = node.led.flatMap((child, index) => {
    const last = index === node.led.length - 1;
    return linesOf(child, `${others}${last ? '└─ ' : '├─ '}`, `${others}${last ? '   ' : '│  '}`);
  });
  return [`${colors.dim(first)}${describe(node)}`, ...below];
}

function describe(node: CauseNode): string {
  if (node.kind === 'event') {
    const { type, stream, version, position, recordedAt } = node.event;
    const time = recordedAt.slice(0, 23).replace('T', ' ');
    return `${colors.cyan(type)}  ${stream}@${version}  ${colors.dim(`position ${position}  ${time}`)}`;
  }
  const { type, id, actor, causedBy, refused, underWay } = node;
  const by = actor === undefined ? '' : `  by ${actor}`;
  const after = causedBy === undefined ? '' : `  after ${causedBy}, which is not known here`;
  const outcome = refused === undefined ? (underWay ? colors.yellow('  under way') : '') : colors.red(`  refused: ${refused}`);
  return `${colors.bold(type)}  ${colors.dim(`command ${id}${by}${after}`)}${outcome}`;
}
