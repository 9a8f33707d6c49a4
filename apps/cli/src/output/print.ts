import Table from 'cli-table3';
import colors from 'picocolors';
import { printable } from './printable.ts';

export function print(line = ''): void {
  process.stdout.write(`${printable(line)}\n`);
}

export function printError(line: string): void {
  process.stderr.write(`${printable(line)}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** One object per line, for what has no end. */
export function printJsonLine(value: unknown): void {
  print(JSON.stringify(value));
}

const noBorders = Object.fromEntries(
  'top top-mid top-left top-right bottom bottom-mid bottom-left bottom-right left left-mid mid mid-mid right right-mid'
    .split(' ')
    .map((name) => [name, '']),
);

/** Rows under headings, in columns. */
export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const table = new Table({
    head: head.map((title) => colors.bold(title)),
    chars: { ...noBorders, middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  table.push(...rows.map((row) => row.map((cell) => printable(cell)))); // before the columns are measured
  const lines = table.toString().split('\n');
  print(lines.map((line) => line.trimEnd()).join('\n'));
}
