import { fieldsOf, numberedLevels } from '../logs/log-entry.ts';

/** A line of a log as text for people: of a JSON line the level, the message and the error's, and what a process wrote past its log; any other as it is. */
export function readableLine(line: string): string {
  const entry = fieldsOf({ text: line });
  if (entry === undefined) return line;
  const level = typeof entry.level === 'number' ? (numberedLevels[entry.level] ?? entry.level) : textOf(entry.level);
  const error = typeof entry.err === 'object' && entry.err !== null && 'message' in entry.err ? `: ${String(entry.err.message)}` : '';
  const output = typeof entry.output === 'string' ? `\n${entry.output}` : '';
  return `${level} ${textOf(entry.msg)}${error}${output}`.trim();
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
