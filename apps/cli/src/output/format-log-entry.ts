import { entryLevels, fieldsOf, type LogEntry, type LogFields, type ReadableForm } from '@kiroku/operations';
import colors from 'picocolors';

type Colors = ReturnType<typeof colors.createColors>;

/** Said at the beginning of a line, or not at all. */
const apart = new Set(['level', 'time', 'service', 'instance', 'pid', 'hostname', 'msg', 'err', 'output']);
const longestText = 2_000;
const longestValue = 300;
const mostLines = 60;
const plain = colors.createColors(false);

/**
 * A line of a log for people: time (UTC), level, service, what happened, and its fields; the stack of an error, or what a process wrote past its
 * log, on lines below. Long values are cut, with a mark; `--json` has all of it.
 */
export function formatLogEntry(entry: LogEntry, paint: Colors = colors): string {
  const { service, time, level } = entry;
  const at = time === undefined ? '-'.padEnd(23) : new Date(time).toISOString().slice(0, 23).replace('T', ' ');
  const head = `${paint.dim(at)}  ${paintOf(level, paint)(level.toUpperCase().padEnd(5))}  ${paint.cyan(service.padEnd(17))} `;
  const fields = fieldsOf(entry);
  if (fields === undefined) return `${head}${cut(entry.text, longestText)}`;
  return `${head}${oneLine(fields.msg ?? '', longestText)}${formatFields(fields, paint)}${below(fields)}`;
}

/** The same without colours: what `--grep` looks at. */
export const readableLogEntry: ReadableForm = {
  of: (entry) => formatLogEntry(entry, plain),
  adds: [...entryLevels.map((level) => level.toUpperCase()), ...'Error null cut it has there are characters lines caused by'.split(' ')],
};

function formatFields(fields: LogFields, paint: Colors): string {
  const { err } = fields;
  const error = isRecord(err) ? { ...(err.code !== undefined && { code: err.code }) } : {};
  return Object.entries({ ...error, ...fields })
    .filter(([name]) => !apart.has(name))
    .map(([name, value]) => `  ${paint.dim(`${oneLine(name, longestValue)}=`)}${oneLine(value, longestValue)}`)
    .join('');
}

function below({ err, output }: LogFields): string {
  const texts = [...(typeof output === 'string' ? [output] : []), ...(isRecord(err) ? errorLines(err) : [])];
  const lines = texts.flatMap((text) => text.split('\n'));
  const shown = lines.slice(0, mostLines).map((line) => `\n    ${cut(line, longestText)}`);
  return `${shown.join('')}${lines.length > mostLines ? `\n    … (cut: there are ${lines.length} lines)` : ''}`;
}

function errorLines(err: LogFields): readonly string[] {
  const own =
    typeof err.stack === 'string' ? err.stack : `${oneLine(err.type ?? 'Error', longestValue)}: ${oneLine(err.message ?? '', longestText)}`;
  return [own, ...(isRecord(err.cause) ? errorLines(err.cause).map((text) => `caused by ${text}`) : [])];
}

/** A line feed in what somebody sent must not look like a line of the log. */
function oneLine(value: unknown, longest: number): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return cut(text, longest).replaceAll('\n', '\\n');
}

function cut(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest)}… (cut: it has ${text.length} characters)` : text;
}

function paintOf(level: LogEntry['level'], paint: Colors): (text: string) => string {
  switch (level) {
    case 'fatal':
    case 'error':
      return paint.red;
    case 'warn':
      return paint.yellow;
    case 'info':
      return paint.green;
    case 'debug':
    case 'trace':
      return paint.dim;
  }
}

function isRecord(value: unknown): value is LogFields {
  return typeof value === 'object' && value !== null;
}
