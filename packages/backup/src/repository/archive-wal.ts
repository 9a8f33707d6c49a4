import { KirokuError } from '@kiroku/core';
import type { ObjectStore } from '../ports/object-store.ts';
import { openSealed } from '../sealing/open-sealed.ts';
import { seal } from '../sealing/seal.ts';
import { Measured } from './measured.ts';
import { walName } from './object-names.ts';

export interface ArchiveOptions {
  readonly store: ObjectStore;
  readonly key: Uint8Array | undefined;
  readonly name: string;
  readonly content: AsyncIterable<Uint8Array>;
}

/** Keeps a piece of write-ahead log, if it is not there. PostgreSQL may hand the same over twice, and asks to refuse anything else. */
export async function archiveWal({ store, key, name, content }: ArchiveOptions): Promise<void> {
  const object = walName(name);
  const given = new Measured();
  const sealed: Uint8Array[] = [];
  for await (const chunk of seal(given.digested(content), { name: object, key })) sealed.push(chunk);
  if (await store.create(object, Buffer.concat(sealed))) return;
  const there = new Measured();
  for await (const _ of there.digested(openSealed(store.get(object), { name: object, what: `${object} in ${store.place}`, key })));
  if (there.digest() === given.digest()) return;
  throw new KirokuError(
    'WalConflict',
    `${name} is in ${store.place} already, with other content, so it was not archived. Two servers write there, or an older copy of the server was started: set another BACKUP_URL.`,
  );
}
