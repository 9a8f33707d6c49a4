import { isKirokuError, KirokuError } from '@kiroku/core';
import { type BackupManifest, type BackupPart, manifestFormat } from '../manifest.ts';
import { manifestSchema } from '../manifest-schema.ts';
import type { ArchivedWal, BackupListing, BackupRepository, BackupWriter, KeptKeys } from '../ports/backup-repository.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { openSealed } from '../sealing/open-sealed.ts';
import { seal } from '../sealing/seal.ts';
import { archiveWal } from './archive-wal.ts';
import { listBackups } from './list-backups.ts';
import { Measured } from './measured.ts';
import { ObjectBackupWriter, once } from './object-backup-writer.ts';
import {
  backupPrefix,
  keysName,
  keysPrefix,
  manifestName,
  partName,
  reportName,
  reportsPrefix,
  walName,
  walPrefix,
} from './object-names.ts';
import type { RepositoryLock } from './repository-lock.ts';
import { decodeJson, encodeJson, parse, readText } from './sealed-json.ts';

/** A repository of backups in an object store. */
export class ObjectBackupRepository implements BackupRepository {
  readonly locked: boolean;
  readonly #store: ObjectStore;
  readonly #lock: RepositoryLock;

  constructor(store: ObjectStore, lock: RepositoryLock, locked: boolean) {
    this.#store = store;
    this.#lock = lock;
    this.locked = locked;
  }

  get place(): string {
    return this.#store.place;
  }

  get encrypted(): boolean {
    return this.#lock.encrypts;
  }

  async begin(id: string): Promise<BackupWriter> {
    const key = await this.#lock.sealingKey();
    return ObjectBackupWriter.begin({ store: this.#store, id, key, deleteBackup: (each) => this.delete(each) });
  }

  list(): Promise<BackupListing> {
    return listBackups(this.#store, (id) => this.manifest(id));
  }

  async manifest(id: string): Promise<BackupManifest> {
    const name = manifestName(id);
    const what = `The manifest of backup ${id} in ${this.place}`;
    const text = await readText(this.#store, name, what).catch((error: unknown) => this.#withoutManifest(id, error));
    return readManifest(text, { id, name, what, key: await this.#lock.key() });
  }

  async *read(id: string, part: string): AsyncGenerator<Uint8Array> {
    const kept = await this.#part(id, part);
    // each chunk has a tag that nothing else of the repository fits: a digest of all would show nothing more, for a tenth of a restore's time
    yield* openSealed(asKept(kept, { digested: false }), { name: partName(id, part), what: kept.what, key: await this.#lock.key() });
  }

  async *readKept(id: string, part: string): AsyncGenerator<Uint8Array> {
    yield* asKept(await this.#part(id, part), { digested: true });
  }

  async delete(id: string): Promise<void> {
    await this.#store.delete(manifestName(id)); // first of all, so that what is left counts no more
    for await (const { name } of this.#store.list(backupPrefix(id))) await this.#store.delete(name);
  }

  async archiveWal(name: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    const key = await this.#lock.sealingKey();
    await archiveWal({ store: this.#store, key, name, content });
  }

  async *readWal(name: string): AsyncGenerator<Uint8Array> {
    const object = walName(name);
    yield* openSealed(this.#store.get(object), { name: object, what: `${object} in ${this.place}`, key: await this.#lock.key() });
  }

  async *listWal(): AsyncGenerator<ArchivedWal> {
    for await (const { name, bytes } of this.#store.list(walPrefix)) yield { name: name.slice(walPrefix.length), storedBytes: bytes };
  }

  deleteWal(name: string): Promise<void> {
    return this.#store.delete(walName(name));
  }

  async keepKeys(id: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    const [name, key] = [keysName(id), await this.#lock.sealingKey()];
    if (key === undefined)
      throw new KirokuError('BackupKeyWrong', 'Keys of personal data are kept encrypted only, and there is no BACKUP_KEY. Set it.');
    await this.#store.put(name, seal(content, { name, key }));
  }

  async *readKeys(id: string): AsyncGenerator<Uint8Array> {
    const name = keysName(id);
    yield* openSealed(this.#store.get(name), { name, what: `${name} in ${this.place}`, key: await this.#lock.key() });
  }

  async *listKeys(): AsyncGenerator<KeptKeys> {
    for await (const { name, bytes } of this.#store.list(keysPrefix)) yield { id: name.slice(keysPrefix.length), storedBytes: bytes };
  }

  deleteKeys(id: string): Promise<void> {
    return this.#store.delete(keysName(id));
  }

  async writeReport(kind: string, id: string, report: object): Promise<void> {
    const name = reportName(kind, id);
    await this.#store.put(name, once(encodeJson(report, { name, key: await this.#lock.sealingKey() })));
  }

  async listReports(kind: string): Promise<readonly { readonly id: string; readonly report: unknown }[]> {
    const found: { readonly id: string; readonly report: unknown }[] = [];
    const prefix = reportsPrefix(kind);
    for await (const { name } of this.#store.list(prefix)) {
      const report = await this.#report(name);
      if (report !== 'gone') found.push({ id: name.slice(prefix.length).replace(/\.json$/, ''), report });
    }
    return found;
  }

  deleteReport(kind: string, id: string): Promise<void> {
    return this.#store.delete(reportName(kind, id));
  }

  removeLeftovers(before: Date): Promise<void> {
    return this.#store.removeLeftovers(before);
  }

  async #part(id: string, name: string): Promise<KeptPart> {
    const part = (await this.manifest(id)).parts.find((each) => each.name === name);
    if (part === undefined) throw new KirokuError('NotFound', `Backup ${id} in ${this.place} has no part ${name}.`);
    return { part, what: `${name} of backup ${id} in ${this.place}`, content: this.#store.get(partName(id, name)) };
  }

  async #withoutManifest(id: string, error: unknown): Promise<never> {
    if (!isKirokuError(error, 'NotFound')) throw error;
    for await (const _ of this.#store.list(backupPrefix(id)))
      throw new KirokuError(
        'BackupIncomplete',
        `Backup ${id} in ${this.place} was never finished, so it cannot be restored. Take another: \`kiroku backup list\`.`,
      );
    throw new KirokuError('NotFound', `There is no backup ${id} in ${this.place}. \`kiroku backup list\` shows what there is.`, {
      cause: error,
    });
  }

  async #report(name: string): Promise<unknown> {
    const what = `${name} in ${this.place}`;
    try {
      return decodeJson(await readText(this.#store, name, what), { name, what, key: await this.#lock.key() }).value;
    } catch (error) {
      if (isKirokuError(error, 'NotFound')) return 'gone';
      if (isKirokuError(error, 'BackupDamaged')) return undefined;
      throw error;
    }
  }
}

interface ReadManifestOptions {
  readonly id: string;
  readonly name: string;
  readonly what: string;
  readonly key: Uint8Array | undefined;
}

function readManifest(text: string, { id, name, what, key }: ReadManifestOptions): BackupManifest {
  const { format } = parse(text, what);
  if (typeof format === 'number' && format > manifestFormat)
    throw new KirokuError(
      'BackupTooNew',
      `${what} is in format ${format}, and this code reads ${manifestFormat}. Deploy the code that made it.`,
    );
  const { value, keyed } = decodeJson(text, { name, key, what });
  const manifest = manifestSchema.safeParse(value);
  if (!manifest.success)
    throw new KirokuError('BackupDamaged', `${what} is not one: ${manifest.error.issues[0]?.path.join('.')} is wrong.`);
  if (manifest.data.id !== id || manifest.data.encrypted !== keyed)
    throw new KirokuError('BackupForeign', `${what} is of another backup, or was put there by somebody else.`);
  return manifest.data;
}

/** A part of a backup in a store. */
interface KeptPart {
  readonly part: BackupPart;
  /** What messages call it. */
  readonly what: string;
  readonly content: AsyncIterable<Uint8Array>;
}

/** Content of a store that has to be what a manifest says. */
async function* asKept({ part, what, content }: KeptPart, { digested }: { readonly digested: boolean }): AsyncGenerator<Uint8Array> {
  const kept = new Measured();
  try {
    yield* digested ? kept.digested(content) : kept.counted(content);
  } catch (error) {
    if (!isKirokuError(error, 'NotFound')) throw error;
    throw new KirokuError('BackupDamaged', `${what} is gone. Restore from another backup.`, { cause: error });
  }
  if (kept.bytes !== part.storedBytes)
    throw new KirokuError(
      'BackupDamaged',
      `${what} has ${kept.bytes} bytes, and ${part.storedBytes} were kept. Restore from another backup.`,
    );
  if (digested && kept.digest() !== part.sha256)
    throw new KirokuError('BackupDamaged', `${what} was altered: its SHA-256 is another. Restore from another backup.`);
}
