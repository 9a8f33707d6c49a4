import { KirokuError } from '@kiroku/core';
import { lastLines, logFile, readFrom } from '../log-files/log-file.ts';
import { readableLine } from '../log-files/readable-line.ts';

/** A service that did not start, with the last lines of its log. */
export async function serviceFailure(dataDirectory: string, service: string, what: string): Promise<KirokuError> {
  const file = logFile(dataDirectory, service);
  const { text } = await readFrom(file, 0, 16 * 1024).catch(() => ({ text: '' }));
  const lines = lastLines(text, 8).map((line) => `\n  ${readableLine(line)}`);
  return new KirokuError('ServiceUnavailable', `${service} ${what}. The whole log is ${file}, its last lines are:${lines.join('')}`, {
    details: { service },
  });
}
