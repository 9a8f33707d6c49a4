import { KirokuError } from '@kiroku/core';
import { type BackupManifest, type BackupPart, manifestFormat } from '../manifest.ts';
import { manifestSchema } from '../manifest-schema.ts';
import type { BackupWriter } from '../ports/backup-repository.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { seal } from '../sealing/seal.ts';
import { Measured } from './measured.ts';
import { backupPrefix, manifestName, partName, underWayName } from './object-names.ts';
import { encodeJson } from './sealed-json.ts';

/** How often a backup that is being made says so; one that has not for a day may be removed by others. */
const signOfLifeMs = 600_000;

export interface WriterOptions {
  readonly store: ObjectStore;
  readonly id: string;
  readonly key: Uint8Array | undefined;
  readonly deleteBackup: (id: string) => Promise<void>;
}

/** Writes a backup into a store: its parts, and then its manifest. */
export class ObjectBackupWriter implements BackupWriter {
  readonly id: string;
  readonly #options: WriterOptions;
  readonly #parts: BackupPart[] = [];
  #finished: Promise<BackupManifest> | undefined;
  #lastSign = Date.now();

  private constructor(options: WriterOptions) {
    this.id = options.id;
    this.#options = options;
  }

  /** Throws `Conflict` if there is a backup of this id. */
  static async begin(options: WriterOptions): Promise<ObjectBackupWriter> {
    const { store, id } = options;
    for await (const _ of store.list(backupPrefix(id))) throw taken(options);
    if (!(await store.create(underWayName(id), signOfLife()))) throw taken(options);
    return new ObjectBackupWriter(options);
  }

  async add(name: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    const { store, id, key } = this.#options;
    const object = partName(id, name);
    if (this.#parts.some((part) => part.name === name)) throw new KirokuError('Conflict', `Backup ${id} has a part ${name} already.`);
    const [plain, kept] = [new Measured(), new Measured()];
    await store.put(object, kept.digested(this.#alive(seal(plain.counted(content), { name: object, key }))));
    this.#parts.push({ name, storedBytes: kept.bytes, sha256: kept.digest(), bytes: plain.bytes });
  }

  finish(known: Parameters<BackupWriter['finish']>[0]): Promise<BackupManifest> {
    this.#finished = this.#finish(known);
    return this.#finished;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // `return writer.finish(…)` disposes of the writer before it has finished
    const isFinished = await this.#finished?.then(
      () => true,
      () => false,
    );
    if (isFinished !== true) await this.#options.deleteBackup(this.id);
  }

  async #finish(known: Parameters<BackupWriter['finish']>[0]): Promise<BackupManifest> {
    const { store, id, key } = this.#options;
    await this.#checkParts();
    const manifest: BackupManifest = { format: manifestFormat, id, ...known, encrypted: key !== undefined, parts: this.#parts };
    manifestSchema.parse(manifest); // what could not be read again would not be a backup
    const name = manifestName(id);
    await store.put(name, once(encodeJson(manifest, { name, key })));
    await store.delete(underWayName(id)).catch(() => undefined); // it counts all the same
    return manifest;
  }

  async #checkParts(): Promise<void> {
    const { store, id } = this.#options;
    const there = new Map<string, number>();
    for await (const { name, bytes } of store.list(backupPrefix(id))) there.set(name, bytes);
    const gone = this.#parts.filter(({ name, storedBytes }) => there.get(partName(id, name)) !== storedBytes);
    if (gone.length === 0) return;
    const names = gone.map(({ name }) => name).join(', ');
    throw new KirokuError('BackupIncomplete', `${names} of backup ${id} was removed from ${store.place} while it was made. Make another.`);
  }

  async *#alive(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of content) {
      yield chunk;
      if (Date.now() - this.#lastSign < signOfLifeMs) continue;
      this.#lastSign = Date.now();
      await this.#options.store.put(underWayName(this.id), once(signOfLife()));
    }
  }
}

function taken({ id, store }: WriterOptions): KirokuError {
  return new KirokuError('Conflict', `There is a backup ${id} in ${store.place} already. Begin another.`);
}

export async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function signOfLife(): Buffer {
  return Buffer.from(`${JSON.stringify({ seenAt: new Date().toISOString() })}\n`);
}
