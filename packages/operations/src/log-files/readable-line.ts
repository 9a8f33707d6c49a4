const levels: { readonly [level: number]: string | undefined } = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};

/** A line of a log as text for people: of a JSON line the level, the message and the error's, and what a process wrote past its log; any other as it is. */
export function readableLine(line: string): string {
  const entry = parse(line);
  if (entry === undefined) return line;
  const level = typeof entry.level === 'number' ? (levels[entry.level] ?? entry.level) : textOf(entry.level);
  const error = typeof entry.err === 'object' && entry.err !== null && 'message' in entry.err ? `: ${String(entry.err.message)}` : '';
  const output = typeof entry.output === 'string' ? `\n${entry.output}` : '';
  return `${level} ${textOf(entry.msg)}${error}${output}`.trim();
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function parse(
  line: string,
): { readonly level?: unknown; readonly msg?: unknown; readonly err?: unknown; readonly output?: unknown } | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // cut off, or not JSON after all
  }
}
