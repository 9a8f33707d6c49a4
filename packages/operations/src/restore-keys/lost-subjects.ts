import type { KeyStore } from '@kiroku/core';
import { lostKeys } from '@kiroku/engine';
import { createPool, type Pool, PostgresEventStore, readChainHead } from '@kiroku/postgres';
import { connectionUrls, type Installation } from '../config/installation.ts';
import { missingKeys } from '../doctor/missing-keys.ts';

/** Whose personal data cannot be read. */
export interface LostSubjects {
  /** As they are named in the log. */
  readonly subjects: readonly string[];
  /** How many subjects were looked at. */
  readonly looked: number;
}

const pageSize = 2_000;

/** Of the subjects that were written about last, or of all; `undefined` if the log cannot be read. Throws `KeyStoreUnavailable`. */
export async function lostSubjects(
  installation: Installation,
  { keys, all = false }: { readonly keys: KeyStore; readonly all?: boolean },
): Promise<LostSubjects | undefined> {
  const urls = await connectionUrls(installation, 'service').catch(() => undefined); // there never was one here
  if (urls === undefined) return undefined;
  await using pool = createPool({ url: urls.event_store, applicationName: 'kiroku-restore', max: 1, connectTimeoutMs: 5_000 });
  const head = await readChainHead(pool).catch(() => undefined);
  if (head === undefined) return undefined;
  if (all) return await lostInAll(pool, { keys, head: head.position });
  const { lost, subjects } = await missingKeys(pool, { keys, head: head.position });
  return { subjects: lost, looked: subjects.length };
}

async function lostInAll(pool: Pool, { keys, head }: { readonly keys: KeyStore; readonly head: number }): Promise<LostSubjects> {
  await using events = new PostgresEventStore({ pool });
  const [lost, looked] = [new Set<string>(), new Set<string>()];
  for (let after = 0; after < head; after += pageSize) {
    const page = await events.readLog({ after, until: Math.min(head, after + pageSize), pageSize });
    const found = await lostKeys(keys, page.events, Number.POSITIVE_INFINITY);
    for (const subject of found.lost) lost.add(subject);
    for (const subject of found.subjects) looked.add(subject);
  }
  return { subjects: [...lost], looked: looked.size };
}
