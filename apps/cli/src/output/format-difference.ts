import type { RowDifference } from '@kiroku/operations';
import colors from 'picocolors';

const signs = { added: colors.green('+'), removed: colors.red('-'), changed: colors.yellow('~') } as const;
const longest = 60;

/** One line: `~ order-summary.customer_order 0193…  status "placed" → "confirmed"`. */
export function formatDifference({ projection, table, kind, key, fields }: RowDifference): string {
  const keyText = Object.values(key).map(String).join(', ');
  const changes = Object.entries(fields)
    .filter(([column]) => !(column in key))
    .map(([column, { before, after }]) => `${column} ${formatChange(kind, before, after)}`);
  return `${signs[kind]} ${projection}.${table} ${keyText}  ${changes.join(', ')}`.trimEnd();
}

function formatChange(kind: RowDifference['kind'], before: unknown, after: unknown): string {
  if (kind === 'changed') return `${formatValue(before)} → ${formatValue(after)}`;
  return formatValue(kind === 'added' ? after : before);
}

function formatValue(value: unknown): string {
  const text = JSON.stringify(value) ?? 'null';
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}
