import type { BackupManifest, BackupRepository } from '@kiroku/backup';
import { isKirokuError, KirokuError } from '@kiroku/core';
import { archivedWal } from '../restore-embedded/known-wal.ts';
import { type BackupVerification, writeVerification } from './verification.ts';
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
  readonly id: string;
  /** Bytes as they were, of all backups together. */
  readonly done: number;
  readonly total: number;
}

export interface VerifiedBackup extends BackupVerification {
  readonly id: string;
}

export interface BackupsVerified {
  readonly place: string;
  readonly whole: boolean;
  readonly backups: readonly VerifiedBackup[];
  /** Segments of the write-ahead log that are missing between others, and from which backup on one gets no further. */
  readonly walGaps: readonly { readonly segment: string; readonly afterBackup: string }[];
}

/**
 * Reads every byte of backups: compares it with the manifest and, with the key, decrypts and unpacks it. Looks for gaps in the write-ahead log that is
 * kept. What was found is kept beside the backups, for `backup list` and `backup prune`. Throws `NotFound`, `BackupStoreUnavailable`, `Stopping`.
 */
export async function verifyBackups(repository: BackupRepository, options: VerifyBackupsOptions): Promise<BackupsVerified> {
  const { backups, damaged } = await repository.list();
  const chosen = choose(repository, { backups, damaged: damaged.map(({ id }) => id) }, options.which);
  const total = chosen.flatMap(({ manifest }) => manifest?.parts ?? []).reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  const verified: VerifiedBackup[] = [];
  for (const { id, manifest } of chosen) {
    const onBytes = (bytes: number) => {
      if (options.signal?.aborted) throw new KirokuError('Stopping', 'Interrupted; nothing was changed.');
      done += bytes;
      options.onProgress?.({ id, done, total });
    };
    const reason = damaged.find((each) => each.id === id)?.reason;
    const elsewhere = manifest === undefined ? [] : ((await options.faultsElsewhere?.(manifest)) ?? []);
    const here = manifest === undefined ? [reason ?? `Backup ${id} cannot be read.`] : await faultsOf(repository, manifest, onBytes);
    const findings = [...here, ...elsewhere];
    const verification = { at: new Date().toISOString(), whole: findings.length === 0, opened: !repository.locked, findings };
    if (!repository.locked) await writeVerification(repository, id, verification);
    verified.push({ id, ...verification });
  }
  const gaps = walGaps(backups, await archivedWal(repository));
  return { place: repository.place, whole: gaps.length === 0 && verified.every(({ whole }) => whole), backups: verified, walGaps: gaps };
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
  onBytes: (bytes: number) => void,
): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const { name, bytes } of parts) {
    const isOpened = !(encrypted && repository.locked);
    let read = 0;
    try {
      for await (const chunk of isOpened ? repository.read(id, name) : repository.readKept(id, name)) {
        read += chunk.length;
        onBytes(chunk.length);
      }
      if (isOpened && read !== bytes) faults.push(`${name} has ${read} bytes, and ${bytes} were kept.`);
    } catch (error) {
      if (!isKirokuError(error, 'BackupDamaged') && !isKirokuError(error, 'BackupTooNew')) throw error;
      faults.push(error.message);
    }
  }
  return faults;
}
