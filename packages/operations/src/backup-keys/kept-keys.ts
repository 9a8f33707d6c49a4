import { type BackupManifest, type BackupRepository, timeOfId } from '@kiroku/backup';
import { isKirokuError, type KirokuError } from '@kiroku/core';
import { embeddedParts } from '../backup-create/back-up-embedded.ts';

/** Keys of personal data that a repository has. */
export interface KeySource {
  readonly id: string;
  /** A backup's own keys, or what was kept between backups. */
  readonly kind: 'backup' | 'kept';
  read(): AsyncIterable<Uint8Array>;
}

/** Ids of what was kept between backups, the oldest first. */
export async function keptKeyIds(repository: BackupRepository): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const { id } of repository.listKeys()) ids.push(id);
  return ids;
}

/**
 * Until when all keys are kept: that of what was kept last, or else the beginning of the oldest backup with keys. Not of the newest: what is kept
 * shall do without it, should it be damaged.
 */
export async function keptThrough(repository: BackupRepository): Promise<Date> {
  const last = (await keptKeyIds(repository)).findLast((id) => timeOfId(id) !== undefined);
  if (last !== undefined) return new Date(timeOfId(last) ?? 0);
  const oldest = (await repository.list()).backups.find(hasKeys);
  return new Date(oldest?.startedAt ?? 0);
}

/** What was kept between backups, the oldest first. */
export async function keptKeySources(repository: BackupRepository): Promise<readonly KeySource[]> {
  return (await keptKeyIds(repository)).map((id) => ({ id, kind: 'kept', read: () => repository.readKeys(id) }));
}

/**
 * What a restore from a backup takes keys from, in the order of their time: its own and those of later backups, which may know that somebody was
 * forgotten since, and all that was kept between. Default: of all backups. Nothing, if what is there is encrypted and there is no key.
 */
export async function keySources(repository: BackupRepository, from?: Pick<BackupManifest, 'id'>): Promise<readonly KeySource[]> {
  if (repository.locked) return [];
  const backups = (await repository.list()).backups.filter((backup) => hasKeys(backup) && backup.id >= (from?.id ?? ''));
  const sources: KeySource[] = [
    ...backups.map(({ id }) => ({ id, kind: 'backup' as const, read: () => repository.read(id, embeddedParts.keys) })),
    ...(await keptKeySources(repository)),
  ];
  return sources.sort((one, other) => (one.id < other.id ? -1 : 1));
}

/** A bucket takes tens of milliseconds for each. */
export const readAtOnce = 8;

/** Reads keys through. Answers what cannot be, and why. Throws what the store throws. */
export async function faultsOfKeys(sources: readonly KeySource[]): Promise<ReadonlyMap<KeySource, KirokuError>> {
  const faults = new Map<KeySource, KirokuError>();
  for (let first = 0; first < sources.length; first += readAtOnce) {
    const read = sources.slice(first, first + readAtOnce).map(async (source) => [source, await faultOf(source)] as const);
    for (const [source, fault] of await Promise.all(read)) if (fault !== undefined) faults.set(source, fault);
  }
  return faults;
}

async function faultOf(source: KeySource): Promise<KirokuError | undefined> {
  try {
    for await (const _ of source.read());
    return undefined;
  } catch (error) {
    if (isUnreadable(error)) return error;
    throw error;
  }
}

export interface KeysToRestore {
  readonly sources: readonly KeySource[];
  /** What could not be read, one line each. */
  readonly notices: readonly string[];
}

/**
 * Finds out which keys a restore can have, before it begins its work. Throws `BackupDamaged` if the backup's own cannot be read; without others it
 * goes on, and says so.
 */
export async function keysToRestore(repository: BackupRepository, manifest: BackupManifest): Promise<KeysToRestore> {
  const sources = await keySources(repository, manifest);
  const faults = await faultsOfKeys(sources);
  const lastWhole = sources.findLast((source) => source.kind === 'backup' && !faults.has(source))?.id ?? '';
  const notices: string[] = [];
  for (const [{ id, kind }, fault] of faults) {
    if (kind === 'backup' && id === manifest.id) throw fault;
    if (id < lastWhole) continue; // which has them, too
    notices.push(
      `Keys of personal data are missing, and who was forgotten may be known again: ${fault.message} Look at whom you had to forget since ${manifest.finishedAt}.`,
    );
  }
  return { sources: sources.filter((source) => !faults.has(source)), notices };
}

function isUnreadable(error: unknown): error is KirokuError {
  return (['BackupDamaged', 'BackupTooNew', 'NotFound'] as const).some((code) => isKirokuError(error, code));
}

/** Whether the keys of personal data are in a backup. */
export function hasKeys({ keys, parts }: BackupManifest): boolean {
  return keys && parts.some(({ name }) => name === embeddedParts.keys);
}
