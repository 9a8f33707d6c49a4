import { stripVTControlCharacters } from 'node:util';
import Table from 'cli-table3';
import colors from 'picocolors';
import { printable } from './printable.ts';

const gap = '  ';
const indent = '    ';

const noBorders = Object.fromEntries(
  'top top-mid top-left top-right bottom bottom-mid bottom-left bottom-right left left-mid mid mid-mid right right-mid'
    .split(' ')
    .map((name) => [name, '']),
);

/**
 * Rows under headings, in columns. Cells beyond the headings are told below their row, a line each. In a terminal of `width` columns,
 * so is what does not fit, with its heading: the last cell of a row that is too long, or whole columns for which there is no room.
 */
export function tableLines(head: readonly string[], rows: readonly (readonly string[])[], width = Number.POSITIVE_INFINITY): string[] {
  const cells = rows.map((row) => row.map((cell) => printable(cell.replaceAll(/\s*\n\s*/g, ' ')))); // before the columns are measured
  const kept = keptColumns(head, cells, width);
  const widths = widthsOf(head, cells, kept - 1);
  const start = widths.reduce((sum, each) => sum + each + gap.length, 0); // of the last column that is kept
  const shown = cells.map((row) => (kept > 1 && start + lengthOf(row[kept - 1]) > width ? kept - 1 : kept));
  const table = new Table({
    head: head.slice(0, kept).map((title) => colors.bold(title)),
    chars: { ...noBorders, middle: gap },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  table.push(...cells.map((row, index) => [...row.slice(0, shown[index]), ...(shown[index] === kept ? [] : [''])]));
  const [title = '', ...lines] = table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
  return [title, ...lines.flatMap((line, index) => [line, ...below(head, cells[index] ?? [], shown[index] ?? kept)])];
}

function below(head: readonly string[], row: readonly string[], shown: number): readonly string[] {
  const moved = row.slice(shown, head.length).flatMap((cell, index) => {
    const empty = cell === '' || cell === '-';
    return empty ? [] : [`${colors.dim(head[shown + index] ?? '')}${gap}${cell}`];
  });
  const told = row.slice(head.length);
  return [...(moved.length === 0 ? [] : [moved.join(gap)]), ...told].map((line) => `${indent}${line}`);
}

/** How many, from the first on, have room: the last of them for its heading at least. */
function keptColumns(head: readonly string[], rows: readonly (readonly string[])[], width: number): number {
  const ends = head.map((title, index) => {
    const before = widthsOf(head, rows, index).reduce((sum, each) => sum + each + gap.length, 0);
    return before + (index === 0 ? 0 : lengthOf(title));
  });
  return ends.filter((end) => end <= width).length;
}

function widthsOf(head: readonly string[], rows: readonly (readonly string[])[], count: number): readonly number[] {
  return head.slice(0, count).map((title, index) => Math.max(lengthOf(title), ...rows.map((row) => lengthOf(row[index]))));
}

function lengthOf(cell = ''): number {
  return stripVTControlCharacters(cell).length;
}
