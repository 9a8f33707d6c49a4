import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BackupManifest, BackupRepository } from '@kiroku/backup';
import type { JudgesKeyFiles, KeyStore } from '@kiroku/core';
import { keysToRestore } from '../backup-keys/kept-keys.ts';
import { judgesOf } from '../backup-keys/key-content.ts';
import { putKeysBack } from '../backup-keys/put-keys-back.ts';
import type { Installation } from '../config/installation.ts';
import { keyDirectory } from '../config/key-directory.ts';

export interface DrilledKeysOptions {
  readonly repository: BackupRepository;
  readonly manifest: BackupManifest;
  /** Opens a store of keys that is in a directory. */
  readonly keysIn: (directory: string) => KeyStore & Partial<JudgesKeyFiles>;
}

/** Keys of personal data for a drill. Disposed of, what was restored of them is removed. */
export interface DrilledKeys extends AsyncDisposable {
  readonly store: KeyStore;
  /** Whether they are those that there would be on a new machine; otherwise those in use. */
  readonly restored: boolean;
  /** What is wrong with them, one line each. */
  readonly faults: readonly string[];
}

const scratch = 'drill-keys-';

/**
 * The keys that a restore on a new machine would have. Those in use, if keys are not kept together with the log: in backups that are not encrypted, and
 * for servers, whose log pgBackRest keeps. Throws `BackupDamaged`.
 */
export async function drilledKeys(installation: Installation, { repository, manifest, keysIn }: DrilledKeysOptions): Promise<DrilledKeys> {
  if (!manifest.keys || manifest.method !== 'embedded') {
    return { store: keysIn(keyDirectory(installation)), restored: false, faults: [], [Symbol.asyncDispose]: async () => undefined };
  }
  const directory = await mkdtemp(join(installation.dataDirectory, scratch)); // which nobody else may enter
  const remove = () => rm(directory, { recursive: true, force: true });
  try {
    const { sources, notices } = await keysToRestore(repository, manifest);
    const store = keysIn(directory);
    await putKeysBack(sources, { directory, judges: judgesOf(store) });
    return { store, restored: true, faults: notices, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Removes what a drill that was killed has left: there may be keys in it that were forgotten since. */
export async function removeLeftKeys({ dataDirectory }: Pick<Installation, 'dataDirectory'>): Promise<void> {
  const left = (await readdir(dataDirectory)).filter((name) => name.startsWith(scratch));
  for (const name of left) await rm(join(dataDirectory, name), { recursive: true, force: true });
}
