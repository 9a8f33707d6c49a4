import { isKirokuError, KirokuError } from '@kiroku/core';
import { z } from 'zod';
import type { ObjectStore } from '../ports/object-store.ts';
import { isWhole, type KeyRecord, newRepositoryKey, repositoryKey } from '../sealing/repository-key.ts';
import { keyRecordCopyName, keyRecordName, markerName } from './object-names.ts';
import { parse, readText } from './sealed-json.ts';

const format = 1;
const keyRecordSchema = z.object({ salt: z.string(), check: z.string(), digest: z.string().exactOptional() });

/**
 * What makes a place a repository: a marker with its format, and, since something was encrypted, what its key is known by. Both are made by the first
 * that writes, and never replaced.
 */
export class RepositoryLock {
  readonly #store: ObjectStore;
  readonly #secret: string | undefined;
  #key: Uint8Array | undefined;
  #begun: Promise<void> | undefined;

  constructor(store: ObjectStore, secret: string | undefined) {
    this.#store = store;
    this.#secret = secret;
  }

  get encrypts(): boolean {
    return this.#secret !== undefined;
  }

  /** Whether something here is encrypted, and there is no key. Throws `BackupKeyWrong`, `BackupTooNew`. */
  async isLocked(): Promise<boolean> {
    await this.#checkMarker();
    if (!this.encrypts) return (await this.#keyRecord()) !== undefined;
    await this.key();
    return false;
  }

  /** To open with; `undefined`: there is none, or nothing was encrypted yet. Throws `BackupKeyWrong`. */
  async key(): Promise<Uint8Array | undefined> {
    if (this.#key !== undefined || this.#secret === undefined) return this.#key;
    const record = await this.#keyRecord();
    if (record === undefined) return undefined;
    this.#key = await repositoryKey(this.#secret, record);
    if (this.#key !== undefined) return this.#key;
    throw new KirokuError(
      'BackupKeyWrong',
      `BACKUP_KEY is not the one that the backups in ${this.#store.place} are encrypted with. Set that one.`,
    );
  }

  /** To seal with. The first time, it makes the marker and what the key is known by. Throws `BackupKeyWrong`. */
  async sealingKey(): Promise<Uint8Array | undefined> {
    this.#begun ??= this.#begin();
    await this.#begun.catch((error: unknown) => {
      this.#begun = undefined;
      throw error;
    });
    return this.#key;
  }

  async #begin(): Promise<void> {
    if (await this.isLocked())
      throw new KirokuError(
        'BackupKeyWrong',
        `What is in ${this.#store.place} is encrypted, and there is no BACKUP_KEY. Set it, or take another place.`,
      );
    await this.#create(markerName, { format, createdAt: new Date().toISOString() });
    if (this.#secret === undefined) return;
    if ((await this.key()) === undefined) await this.#create(keyRecordName, (await newRepositoryKey(this.#secret)).record);
    await this.key(); // another process may have been quicker
    const record = await this.#keyRecord();
    if (record !== undefined) await this.#create(keyRecordCopyName, record);
  }

  /**
   * What the key is known by. There are two of it: without it nothing that is encrypted opens, and one bit would be enough. Throws `BackupDamaged` if
   * neither is as it was made.
   */
  async #keyRecord(): Promise<KeyRecord | undefined> {
    const found: (KeyRecord | 'altered' | undefined)[] = [];
    for (const name of [keyRecordName, keyRecordCopyName]) found.push(await this.#readRecord(name));
    const whole = found.find((record) => record !== undefined && record !== 'altered');
    if (whole !== undefined || !found.includes('altered')) return whole;
    throw new KirokuError(
      'BackupDamaged',
      `${keyRecordName} in ${this.#store.place} was altered, and so was ${keyRecordCopyName}, or it is gone. Put one of them back from a copy of the place: without it, nothing that is encrypted there opens.`,
    );
  }

  async #readRecord(name: string): Promise<KeyRecord | 'altered' | undefined> {
    const read = await this.#read(name).catch((error: unknown) => {
      if (isKirokuError(error, 'BackupDamaged')) return 'altered' as const;
      throw error;
    });
    if (read === undefined || read === 'altered') return read;
    const record = keyRecordSchema.safeParse(read);
    return record.success && isWhole(record.data) ? record.data : 'altered';
  }

  async #checkMarker(): Promise<void> {
    const marker = await this.#read(markerName);
    if (marker === undefined || marker.format === format) return;
    throw typeof marker.format === 'number' && marker.format > format
      ? new KirokuError(
          'BackupTooNew',
          `${this.#store.place} is in format ${marker.format}, and this code knows ${format}. Deploy the code that made it.`,
        )
      : new KirokuError('BackupDamaged', `${markerName} in ${this.#store.place} was altered, or is of something else.`);
  }

  async #create(name: string, value: object): Promise<void> {
    if ((await this.#read(name)) === undefined) await this.#store.create(name, Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`));
  }

  async #read(name: string): Promise<Readonly<Record<string, unknown>> | undefined> {
    const what = `${name} in ${this.#store.place}`;
    try {
      return parse(await readText(this.#store, name, what), what);
    } catch (error) {
      if (isKirokuError(error, 'NotFound')) return undefined;
      throw error;
    }
  }
}
