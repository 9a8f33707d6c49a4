import { mkdir, readdir, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { logFile } from './log-file.ts';

/** Moves the log of a service, and those before it, into a directory of their own; `undefined` if there are none. Nothing is deleted. */
export async function putLogsAside(dataDirectory: string, service: string, now: Date): Promise<string | undefined> {
  const log = logFile(dataDirectory, service);
  const directory = dirname(log);
  const files = await readdir(directory).catch(() => []);
  const own = files.filter((file) => file === `${service}.out` || file === basename(log) || file.startsWith(`${basename(log)}.`));
  if (own.length === 0) return undefined;
  const aside = join(directory, 'aside', `${service}-${now.toISOString().replaceAll(/[:.]/g, '-')}`);
  await mkdir(aside, { recursive: true });
  for (const file of own) await rename(join(directory, file), join(aside, file));
  return aside;
}
