import type { BackupManifest, BackupRepository, DamagedBackup } from '@kiroku/backup';
import { isKirokuError, KirokuError } from '@kiroku/core';
import { archivedWal } from '../restore-embedded/known-wal.ts';
import { type BackupVerification, writeVerification } from './verification.ts';
import { type DamagedKeys, verifyKeys } from './verify-keys.ts';
import { verifyWal } from './verify-wal.ts';
import { type DamagedWal, walDamage, walSince } from './wal-damage.ts';
import { walGaps } from './wal-gaps.ts';

export interface VerifyBackupsOptions {
  /** `newest`, `all`, or the ids. */
  readonly which: 'newest' | 'all' | readonly string[];
  readonly onProgress?: (progress: VerifyProgress) => void;
  /** Looks at what a program of its own keeps; answers what is wrong, one line each. Default: there is nothing such. */
  readonly faultsElsewhere?: (manifest: BackupManifest) => Promise<readonly string[]>;
  /** Ends it with `Stopping`. */
  readonly signal?: AbortSignal | undefined;
}

export interface VerifyProgress {
  /** The backup or the piece of log that is read; empty at the beginning. */
  readonly id: string;
  /** Bytes, of all that is read. */
  readonly done: number;
  readonly total: number;
}

export interface VerifiedBackup extends BackupVerification {
  readonly id: string;
  /** Of newer code, which alone can tell whether it is whole; that is not kept for others. */
  readonly isTooNew: boolean;
}

export interface BackupsVerified {
  readonly place: string;
  /** There is a backup, and nothing is wrong: a place that holds none, as one that is not mounted, is not what somebody wants to hear is whole. */
  readonly whole: boolean;
  readonly backups: readonly VerifiedBackup[];
  /** Segments of the write-ahead log that are missing between others, and from which backup on one gets no further. */
  readonly walGaps: readonly { readonly segment: string; readonly afterBackup: string }[];
  /** Of the log from the oldest of these backups on; all of it, if all are looked at. */
  readonly walDamage: readonly DamagedWal[];
  /** Pieces of log that were read. */
  readonly walRead: number;
  /** Whether they could be opened: without the key, what is encrypted cannot. */
  readonly walOpened: boolean;
  readonly keyDamage: readonly DamagedKeys[];
}

/**
 * Reads every byte of backups, and of the log that goes on from them: compares it with the manifest and, with the key, decrypts and unpacks it. Looks
 * for gaps in the write-ahead log that is kept, and reads the keys that were kept beside it. What was found of backups is kept beside them, for
 * `backup list` and `backup prune`. Throws `NotFound`, `BackupStoreUnavailable`, `Stopping`.
 */
export async function verifyBackups(repository: BackupRepository, options: VerifyBackupsOptions): Promise<BackupsVerified> {
  const { backups, damaged } = await repository.list();
  const chosen = choose(repository, { backups, damaged: damaged.map(({ id }) => id) }, options.which);
  const manifests = chosen.flatMap(({ manifest }) => manifest ?? []);
  const archived = await archivedWal(repository);
  const wal = options.which === 'all' ? archived : walSince(manifests, archived);
  const onBytes = progressOf(options, bytesOf(repository, manifests, wal));
  const unusable = new Map(damaged.map((one) => [one.id, one]));
  const verified: VerifiedBackup[] = [];
  for (const one of chosen) verified.push(await verifyOne(repository, one, { ...options, unusable, onBytes }));
  const { faults, opened } = await verifyWal(repository, wal, onBytes);
  const notWhole = new Set(verified.filter(({ whole }) => !whole).map(({ id }) => id));
  const keyDamage = await verifyKeys(repository, { backups, damaged: notWhole });
  const found = { walGaps: walGaps(backups, archived), walDamage: walDamage(backups, faults), keyDamage };
  const isKept = keyDamage.every(({ inBackup }) => inBackup !== undefined);
  const whole = verified.length > 0 && notWhole.size + found.walGaps.length + found.walDamage.length === 0 && isKept;
  return { place: repository.place, whole, backups: verified, ...found, walRead: wal.length, walOpened: opened };
}

type OnBytes = (bytes: number, id: string) => void;

function progressOf({ signal, onProgress }: VerifyBackupsOptions, total: number): OnBytes {
  let done = 0;
  onProgress?.({ id: '', done, total });
  return (bytes, id) => {
    if (signal?.aborted) throw new KirokuError('Stopping', 'Interrupted; nothing was changed.');
    done += bytes;
    onProgress?.({ id, done, total: Math.max(done, total) });
  };
}

/** As far as it can be read: without the key, what is encrypted is read as it is kept. */
function bytesOf({ locked }: BackupRepository, manifests: readonly BackupManifest[], wal: readonly string[]): number {
  const parts = manifests
    .flatMap(({ encrypted, parts: all }) => all.map(({ bytes, storedBytes }) => (encrypted && locked ? storedBytes : bytes)))
    .reduce((sum, bytes) => sum + bytes, 0);
  const segmentBytes = manifests.find(({ physical }) => physical !== undefined)?.physical?.walSegmentBytes ?? 0;
  return parts + segmentBytes * wal.length;
}

interface VerifyOneOptions extends Pick<VerifyBackupsOptions, 'faultsElsewhere'> {
  /** Those whose manifests cannot be read, by their ids. */
  readonly unusable: ReadonlyMap<string, DamagedBackup>;
  readonly onBytes: OnBytes;
}

async function verifyOne(
  repository: BackupRepository,
  { id, manifest }: Chosen,
  { faultsElsewhere, unusable, onBytes }: VerifyOneOptions,
): Promise<VerifiedBackup> {
  const elsewhere = manifest === undefined ? [] : ((await faultsElsewhere?.(manifest)) ?? []);
  const here =
    manifest === undefined ? [unusable.get(id)?.reason ?? `Backup ${id} cannot be read.`] : await faultsOf(repository, manifest, onBytes);
  const findings = [...here, ...elsewhere];
  const verification = { at: new Date().toISOString(), whole: findings.length === 0, opened: !repository.locked, findings };
  const isTooNew = unusable.get(id)?.code === 'BackupTooNew';
  if (!repository.locked && !isTooNew) await writeVerification(repository, id, verification);
  return { id, isTooNew, ...verification };
}

interface Chosen {
  readonly id: string;
  /** `undefined`: it cannot be read. */
  readonly manifest: BackupManifest | undefined;
}

function choose(
  { place }: BackupRepository,
  { backups, damaged }: { readonly backups: readonly BackupManifest[]; readonly damaged: readonly string[] },
  which: VerifyBackupsOptions['which'],
): readonly Chosen[] {
  const all: readonly Chosen[] = [
    ...backups.map((manifest) => ({ id: manifest.id, manifest })),
    ...damaged.map((id) => ({ id, manifest: undefined })),
  ];
  if (which === 'all') return all;
  if (which === 'newest') {
    const newest = backups.at(-1)?.id ?? '';
    return all.filter(({ id }) => id >= newest); // and what is newer, of which the manifest cannot be read
  }
  return which.map((id) => {
    const found = all.find((each) => each.id === id);
    if (found === undefined)
      throw new KirokuError('NotFound', `There is no finished backup ${id} in ${place}. \`kiroku backup list\` shows what there is.`);
    return found;
  });
}

async function faultsOf(
  repository: BackupRepository,
  { id, encrypted, parts }: BackupManifest,
  onBytes: OnBytes,
): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const { name, bytes } of parts) {
    const isOpened = !(encrypted && repository.locked);
    let read = 0;
    try {
      for await (const chunk of isOpened ? repository.read(id, name) : repository.readKept(id, name)) {
        read += chunk.length;
        onBytes(chunk.length, id);
      }
      if (isOpened && read !== bytes) faults.push(`${name} has ${read} bytes, and ${bytes} were kept.`);
    } catch (error) {
      if (!isKirokuError(error, 'BackupDamaged') && !isKirokuError(error, 'BackupTooNew')) throw error;
      faults.push(error.message);
    }
  }
  return faults;
}
