import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { BackupRepository } from '@kiroku/backup';
import { ChangedKeys, type FoundKeys } from './changed-keys.ts';
import { keptThrough } from './kept-keys.ts';
import { readKeyContent } from './key-content.ts';
import { packKeys } from './pack-keys.ts';

/** Between two looks for what was forgotten, milliseconds. */
const everyMs = 10_000;

/**
 * Keeps keys of personal data that no backup has yet, beside the write-ahead log. Not each as it comes, but with the log that needs them: a bucket
 * would hold one object for each customer.
 */
export class KeyKeeper {
  readonly #directory: string;
  #changed: ChangedKeys | undefined;
  #lookedAt = 0;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * Keeps what is new. A key is durable before anything is encrypted with it, so this has those of all log that was written before. Returns how many
   * there were. Throws `KeyStoreUnavailable`, and what the repository throws; what was not kept is found again.
   */
  async keep(repository: BackupRepository): Promise<number> {
    return repository.encrypted ? this.#keepFound(repository, await this.#find(repository)) : 0;
  }

  /** As `keep`, now and then, and only if somebody was forgotten: that has to last, whether or not there is log to keep. */
  async keepForgotten(repository: BackupRepository): Promise<void> {
    if (!repository.encrypted || Date.now() - this.#lookedAt < everyMs) return;
    this.#lookedAt = Date.now();
    const found = await this.#find(repository);
    for (const path of found.paths) {
      if ((await readKeyContent(join(this.#directory, path)))?.state !== 'forgotten') continue;
      await this.#keepFound(repository, found);
      return;
    }
  }

  async #find(repository: BackupRepository): Promise<FoundKeys> {
    this.#changed ??= new ChangedKeys(this.#directory, await keptThrough(repository));
    return this.#changed.find();
  }

  async #keepFound(repository: BackupRepository, found: FoundKeys): Promise<number> {
    const { at, paths } = found;
    if (paths.length > 0) await repository.keepKeys(newId(at), packKeys(this.#directory, paths));
    found.settle();
    return paths.length;
  }
}

/** `20261127T221846123Z-3f9a` */
function newId(at: Date): string {
  return `${at.toISOString().replace(/[-:.]/g, '')}-${randomBytes(2).toString('hex')}`;
}
