import { KirokuError } from '@kiroku/core';
import { lastLines, logFile, readFrom } from '../log-files/log-file.ts';
import { readableLine } from '../log-files/readable-line.ts';

/** A service that did not start, with the last lines that it wrote to its log from a byte on. */
export async function serviceFailure(options: {
  readonly dataDirectory: string;
  readonly service: string;
  readonly what: string;
  readonly logFrom: number;
}): Promise<KirokuError> {
  const { dataDirectory, service, what, logFrom } = options;
  const file = logFile(dataDirectory, service);
  const text = await readFrom(file, logFrom, 16 * 1024).catch(() => '');
  const lines = lastLines(lastLines(text, 8).map(readableLine).join('\n'), 12).map((line) => `\n  ${line}`);
  const said = text.trim() === '' ? 'It wrote nothing to its log' : 'The last lines of its log';
  return new KirokuError('ServiceUnavailable', `${service} ${what}. ${said} (${file})${lines.length > 0 ? `:${lines.join('')}` : '.'}`, {
    details: { service },
  });
}
