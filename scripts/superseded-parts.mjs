import { readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';

const dayMs = 86_400_000;

/**
 * Removes parts of earlier builds, a day after the build that did without them, however old they were: what was started before it may not have loaded them yet.
 * Each file has the time of its build (milliseconds); `last` is that of the build before this one, and what is superseded gets a time before this one's.
 */
export async function removeSuperseded(folder, { names, last, begunAt }) {
  for (const name of await readdir(folder)) {
    if (names.has(name)) continue;
    const file = join(folder, name);
    const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: begunAt })); // another build has just removed or renamed it
    const since = new Date(begunAt - 1_000);
    if (mtimeMs >= last && !name.startsWith('.')) await utimes(file, since, since).catch(() => undefined);
    else if (mtimeMs < begunAt - dayMs) await rm(file, { force: true });
  }
}
