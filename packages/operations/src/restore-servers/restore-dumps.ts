import type { BackupManifest, BackupRepository } from '@kiroku/backup';
import {
  createNeighbour,
  type DatabaseName,
  databaseIn,
  databaseNames,
  dropNeighbour,
  dropUnusedNeighbours,
  letIn,
  readServerFacts,
  restoreDump,
  switchDatabases,
} from '@kiroku/postgres';
import { dumpParts } from '../backup-create/back-up-dumps.ts';
import { connectionUrls, type DatabaseUrls, type Installation } from '../config/installation.ts';
import { migrateAll } from '../migrate/migrate-databases.ts';
import type { RestoredPlace } from '../restore/restored-place.ts';
import { requireRoles } from './require-roles.ts';

export interface RestoreDumpsOptions {
  readonly repository: BackupRepository;
  readonly manifest: BackupManifest;
  /** Names what is made: digits of a time. */
  readonly stamp: string;
  /** Bytes read, about. */
  readonly onProgress: (progress: { readonly done: number; readonly total: number }) => void;
  readonly signal?: AbortSignal;
}

/**
 * Restores the three dumps into databases beside those in use, on their servers, and brings them to the present schema. What was made is
 * removed if one of them cannot be. Throws `ToolMissing`, `ToolFailed`, `RestoreRefused`, `BackupDamaged`.
 */
export async function restoreDumps(installation: Installation, options: RestoreDumpsOptions): Promise<RestoredPlace> {
  const live = await connectionUrls(installation, 'superuser');
  const names = namesOf(live, options.stamp);
  await dropLeftOvers(live);
  const made: DatabaseName[] = [];
  const discard = async () => {
    for (const database of made) await dropNeighbour(live[database], names[database].restored);
  };
  try {
    const urls = await restoreAll(live, { ...options, names, onMade: (database) => made.push(database) });
    await migrateAll(urls, installation.operator);
    return { urls, switching: switchingOf(names), switch: () => switchAll(live, names), discard };
  } catch (error) {
    await discard();
    throw error;
  }
}

/** What a restore that was killed left: it has names of its own, and was never switched to. */
async function dropLeftOvers(live: DatabaseUrls): Promise<void> {
  for (const database of databaseNames) await dropUnusedNeighbours(live[database], `${databaseIn(live[database])}_restored_`);
}

type Names = { readonly [database in DatabaseName]: { readonly name: string; readonly restored: string; readonly aside: string } };

function namesOf(live: DatabaseUrls, stamp: string): Names {
  const named = databaseNames.map((database) => {
    const name = databaseIn(live[database]);
    return [database, { name, restored: `${name}_restored_${stamp}`, aside: `${name}_before_${stamp}` }] as const;
  });
  return Object.fromEntries(named) as Names; // every name is a key
}

interface RestoreAll extends RestoreDumpsOptions {
  readonly names: Names;
  readonly onMade: (database: DatabaseName) => void;
}

async function restoreAll(
  live: DatabaseUrls,
  { repository, manifest, names, onMade, onProgress, signal }: RestoreAll,
): Promise<DatabaseUrls> {
  const total = manifest.parts.reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  const counted = async function* (content: AsyncIterable<Uint8Array>) {
    for await (const chunk of content) {
      signal?.throwIfAborted();
      done += chunk.length;
      onProgress({ done, total });
      yield chunk;
    }
  };
  onProgress({ done, total });
  const urls: Partial<Record<DatabaseName, string>> = {};
  for (const database of databaseNames) {
    const { major } = await readServerFacts(live[database]);
    await requireRoles(live[database]);
    urls[database] = await createNeighbour(live[database], names[database].restored);
    onMade(database);
    const content = counted(repository.read(manifest.id, dumpParts[database]));
    await restoreDump(content, { url: urls[database], major, ...(signal !== undefined && { signal }) });
  }
  return urls as DatabaseUrls; // every database was restored
}

function switchingOf(names: Names): readonly string[] {
  return Object.values(names).map(
    ({ name, restored, aside }) => `${restored} becomes ${name}; ${name} becomes ${aside}, which lets nobody in`,
  );
}

/** Those of one server change places together; the log's server is the last. */
async function switchAll(live: DatabaseUrls, names: Names): ReturnType<RestoredPlace['switch']> {
  const hosts = new Set(databaseNames.toReversed().map((database) => new URL(live[database]).host));
  const switched: DatabaseName[] = [];
  try {
    for (const host of hosts) {
      const there = databaseNames.filter((database) => new URL(live[database]).host === host);
      const [url = ''] = there.map((database) => live[database]);
      await switchDatabases(
        url,
        there.map((database) => names[database]),
      );
      switched.push(...there);
    }
  } catch (error) {
    for (const database of switched) await switchBack(live[database], names[database]);
    throw error;
  }
  return {
    urls: live,
    aside: Object.values(names)
      .map(({ aside }) => aside)
      .join(', '),
    todo: ['When nobody misses anything, drop the databases that were put aside.'],
  };
}

/** On servers of their own they cannot change places in one transaction: those that did change back. */
async function switchBack(url: string, { name, restored, aside }: Names[DatabaseName]): Promise<void> {
  await letIn(url, [aside]);
  await switchDatabases(url, [{ name, restored: aside, aside: restored }]);
  await letIn(url, [restored]);
}
