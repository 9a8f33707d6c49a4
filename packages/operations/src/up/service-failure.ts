import { KirokuError } from '@kiroku/core';
import { lastLines, logFile, readFrom } from '../log-files/log-file.ts';
import { readableLine } from '../log-files/readable-line.ts';
import { fieldsOf, type LogEntry, logEntry } from '../logs/log-entry.ts';

const shownBytes = 16 * 1024;

/** A service that did not start, with the last lines that it wrote to its log from a byte on. */
export async function serviceFailure(options: {
  readonly dataDirectory: string;
  readonly service: string;
  readonly what: string;
  readonly logFrom: number;
}): Promise<KirokuError> {
  const { dataDirectory, service, what, logFrom } = options;
  const file = logFile(dataDirectory, service);
  const text = await readFrom(file, logFrom, shownBytes).catch(() => '');
  const lines = readable(lastLines(text, 8)).map((line) => `\n  ${line}`);
  const said = text.trim() === '' ? 'It wrote nothing to its log' : 'The last lines of its log';
  return new KirokuError('ServiceUnavailable', `${service} ${what}. ${said} (${file})${lines.length > 0 ? `:${lines.join('')}` : '.'}`, {
    details: { service },
  });
}

/** Why a run of a service ended, as far as its log from a byte on says: its last errors, as lines for people. None if it was killed. */
export async function lastWords(options: {
  readonly dataDirectory: string;
  readonly service: string;
  readonly logFrom: number;
}): Promise<readonly string[]> {
  const { dataDirectory, service, logFrom } = options;
  const text = await readFrom(logFile(dataDirectory, service), logFrom, shownBytes).catch(() => '');
  return readable(lastLines(text, 8).filter((line) => isError(logEntry(service, line))));
}

/** That it ended, and no more, is told anyway. */
function isError(entry: LogEntry): boolean {
  if (!['error', 'fatal'].includes(entry.level)) return false;
  const { msg, output } = fieldsOf(entry) ?? {};
  return output !== undefined || typeof msg !== 'string' || !msg.startsWith('ended: ');
}

function readable(lines: readonly string[]): readonly string[] {
  return lastLines(lines.map(readableLine).join('\n'), 12);
}
