import { printable } from './printable.ts';
import { tableLines } from './table-lines.ts';

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

/** Rows under headings, in columns: no wider than the terminal, if there is one. */
export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const { isTTY, columns } = process.stdout;
  for (const line of tableLines(head, rows, isTTY ? columns : undefined)) print(line);
}
