import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const fileOf = (dataDirectory: string) => join(dataDirectory, 'continuous.json');

/** Since when the write-ahead log is kept; `undefined` if it is not. Outside the cluster, so that a restore does not take it back. */
export async function continuousSince(dataDirectory: string): Promise<string | undefined> {
  const text = await readFile(fileOf(dataDirectory), 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const state: { readonly since: string } = JSON.parse(text);
  return state.since;
}

/** Notes that it is kept from now on, or no longer. */
export async function setContinuous(dataDirectory: string, since: string | undefined): Promise<void> {
  const file = fileOf(dataDirectory);
  if (since === undefined) return rm(file, { force: true });
  await writeFile(`${file}.new`, `${JSON.stringify({ since })}\n`, { flush: true });
  await rename(`${file}.new`, file);
}
