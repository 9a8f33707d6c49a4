import type { BackupRepository } from '@kiroku/backup';
import { isKirokuError } from '@kiroku/core';

export interface WalVerified {
  /** Whether it was opened: without the key it cannot be, if it is encrypted. */
  readonly opened: boolean;
  /** What cannot be read, and why. */
  readonly faults: ReadonlyMap<string, string>;
}

/** Reads pieces of write-ahead log through: each is sealed, so that whatever was altered, cut or exchanged is found. */
export async function verifyWal(
  repository: BackupRepository,
  names: readonly string[],
  onBytes: (bytes: number, name: string) => void,
): Promise<WalVerified> {
  const faults = new Map<string, string>();
  for (const name of names) {
    try {
      for await (const chunk of repository.readWal(name)) onBytes(chunk.length, name);
    } catch (error) {
      if (isKirokuError(error, 'BackupKeyWrong')) return { opened: false, faults };
      if (isKirokuError(error, 'NotFound')) continue; // pruned in the meantime, or a gap, which is told as one
      if (!isKirokuError(error, 'BackupDamaged') && !isKirokuError(error, 'BackupTooNew')) throw error;
      faults.set(name, error.message);
    }
  }
  return { opened: true, faults };
}
