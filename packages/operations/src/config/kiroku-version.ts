import { readFile } from 'node:fs/promises';

/** Of this code. */
export async function kirokuVersion(): Promise<string> {
  const manifest: { readonly version: string } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
  return manifest.version;
}
