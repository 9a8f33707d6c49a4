import { access, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { clusterOf } from './cluster.ts';
import { hasCode } from './error-code.ts';
import type { Home } from './home.ts';
import { syncPaths } from './sync-files.ts';

/** One cluster takes the place of another. Paths within the home. */
export interface Exchange {
  /** Where the cluster is that is to be used. */
  readonly incoming: string;
  /** What the one that is used now is called afterwards. */
  readonly aside: string;
}

type HomeDirectory = Pick<Home, 'directory'>;

/**
 * Puts a cluster in the place of the one that is there, if any; no server may run on either. Two renames, and a journal that is durable before the
 * first: wherever it is cut off, `finishExchange` finds the old cluster in its place, or puts the new one there.
 */
export async function exchangeClusters(home: HomeDirectory, { incoming, aside }: Exchange): Promise<void> {
  await access(join(home.directory, incoming)); // else there would be none in its place
  const journal = journalOf(home);
  await writeFile(journal, JSON.stringify({ incoming, aside }), { mode: 0o600, flush: true });
  await syncPaths([home.directory]);
  await rename(clusterOf(home), join(home.directory, aside)).catch(unlessMissing);
  await rename(join(home.directory, incoming), clusterOf(home));
  await syncPaths([home.directory]);
  await rm(journal, { force: true });
}

/** Ends an exchange that was cut off: before its first rename it has not happened, after it, it has. Returns whether there was one under way. */
export async function finishExchange(home: HomeDirectory): Promise<boolean> {
  const journal = journalOf(home);
  const text = await readFile(journal, 'utf8').catch(() => undefined);
  if (text === undefined) return false;
  const begun = parseExchange(text);
  if (begun !== undefined && !(await isThere(clusterOf(home)))) {
    const wanted = [begun.incoming, begun.aside].map((name) => join(home.directory, name));
    for (const cluster of wanted) {
      if (await isThere(clusterOf(home))) break;
      await rename(cluster, clusterOf(home)).catch(unlessMissing); // what was to come in is gone: what was in use stays
    }
    await syncPaths([home.directory]);
  }
  await rm(journal, { force: true });
  return true;
}

const journalOf = (home: HomeDirectory) => join(home.directory, 'exchange.json');

/** Nothing was renamed yet if the journal was cut off while it was written. */
function parseExchange(text: string): Exchange | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function unlessMissing(error: unknown): void {
  if (!hasCode(error, 'ENOENT')) throw error;
}
