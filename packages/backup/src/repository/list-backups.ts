import { type ErrorCode, isKirokuError } from '@kiroku/core';
import type { BackupManifest } from '../manifest.ts';
import type { BackupListing, DamagedBackup, UnfinishedBackup } from '../ports/backup-repository.ts';
import type { ObjectStore, StoredObject } from '../ports/object-store.ts';
import { inOrder } from '../sealing/in-order.ts';
import { backupsPrefix, manifestName, underWayName } from './object-names.ts';
import { parse, readText } from './sealed-json.ts';

/** Manifests that are read at a time: a bucket takes tens of milliseconds for each. */
const readAtOnce = 16;

/** What there is of backups in a store. */
export async function listBackups(store: ObjectStore, manifestOf: (id: string) => Promise<BackupManifest>): Promise<BackupListing> {
  const [backups, damaged, unfinished]: [BackupManifest[], DamagedBackup[], UnfinishedBackup[]] = [[], [], []];
  const look = async ([id, objects]: [string, readonly StoredObject[]]) => {
    if (!objects.some(({ name }) => name === manifestName(id))) return unfinished.push(await lookAtUnfinished(store, id, objects));
    return manifestOf(id).then(
      (manifest) => backups.push(manifest),
      (error: unknown) => isBeingRemoved(error) || damaged.push(damagedBackup(id, error)),
    );
  };
  for await (const _ of inOrder(eachOf(await objectsById(store)), look, readAtOnce));
  const byId = (one: { readonly id: string }, other: { readonly id: string }) => (one.id < other.id ? -1 : 1);
  return { backups: backups.sort(byId), damaged: damaged.sort(byId), unfinished: unfinished.sort(byId) };
}

/** Its manifest was there a moment ago, and is the first to go. */
function isBeingRemoved(error: unknown): boolean {
  return isKirokuError(error, 'NotFound') || isKirokuError(error, 'BackupIncomplete');
}

async function objectsById(store: ObjectStore): Promise<ReadonlyMap<string, StoredObject[]>> {
  const found = new Map<string, StoredObject[]>();
  for await (const object of store.list(backupsPrefix)) {
    const [id = ''] = object.name.slice(backupsPrefix.length).split('/');
    const others = found.get(id);
    if (others === undefined) found.set(id, [object]);
    else others.push(object);
  }
  return found;
}

async function* eachOf<Each>(all: Iterable<Each>): AsyncGenerator<Each> {
  yield* all;
}

/** Other faults than those of the backup itself are of the store. */
function damagedBackup(id: string, error: unknown): DamagedBackup {
  const codes: readonly ErrorCode[] = ['BackupDamaged', 'BackupTooNew', 'BackupForeign', 'NotFound'];
  if (!isKirokuError(error) || !codes.includes(error.code)) throw error;
  return { id, code: error.code, reason: error.message };
}

async function lookAtUnfinished(store: ObjectStore, id: string, objects: readonly StoredObject[]): Promise<UnfinishedBackup> {
  const storedBytes = objects.reduce((sum, { bytes }) => sum + bytes, 0);
  const begun = timeOfId(id) ?? new Date(0).toISOString();
  if (!objects.some(({ name }) => name === underWayName(id))) return { id, lastSeenAt: begun, storedBytes };
  const what = `${underWayName(id)} in ${store.place}`;
  const { seenAt } = await readText(store, underWayName(id), what)
    .then((text) => parse(text, what))
    .catch((error: unknown): { readonly seenAt?: unknown } => {
      if (isKirokuError(error, 'BackupStoreUnavailable')) throw error;
      return {}; // removed in the meantime, or altered
    });
  return { id, lastSeenAt: typeof seenAt === 'string' && seenAt > begun ? seenAt : begun, storedBytes };
}

/** When a backup was begun, or keys were kept, as the id says: `20261127T221846Z-3f9a`, `20261127T221846123Z-3f9a`. */
export function timeOfId(id: string): string | undefined {
  const [, year, month, day, hour, minute, second, fraction = '000'] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})?Z/.exec(id) ?? [];
  return year === undefined ? undefined : `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction}Z`;
}
