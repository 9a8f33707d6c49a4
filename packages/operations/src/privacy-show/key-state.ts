import { type Aggregate, type DatesForgetting, isKirokuError, type KeyStore } from '@kiroku/core';
import { eventsAbout, lostKeys } from '@kiroku/engine';
import type { LookedInLog } from './look-in-log.ts';

/** What the key store has of a subject. */
export type KeyState =
  | { readonly state: 'key' /** The log has something of the subject that it does not open. */; readonly anotherLost: boolean }
  | { readonly state: 'forgotten' /** ISO 8601, if the store knows. */; readonly at?: string }
  /** There is a key, and it does not open. */
  | { readonly state: 'damaged'; readonly reason: string }
  /** The log has something of the subject, and there is no key. */
  | { readonly state: 'lost' }
  /** No key, and nothing in the log as far as was looked. */
  | { readonly state: 'unknown' };

/** Throws `KeyStoreUnavailable`. */
export async function keyState(
  keys: KeyStore & Partial<DatesForgetting>,
  subject: string,
  log: Pick<LookedInLog, 'events'> | undefined,
): Promise<KeyState> {
  const found = await find(keys, subject);
  if (found === 'forgotten') {
    const at = await keys.forgottenAt?.(subject);
    return { state: 'forgotten', ...(at !== undefined && { at }) };
  }
  if (found instanceof Error) return { state: 'damaged', reason: found.message };
  const about = eventsAbout(subject, log?.events ?? []);
  if (found === undefined) return { state: about.length > 0 ? 'lost' : 'unknown' };
  const { lost } = await lostKeys(keys, about, Number.POSITIVE_INFINITY);
  return { state: 'key', anotherLost: lost.includes(subject) };
}

/** The id in the name of a stream, if that has a key: the two are easily taken for each other. */
export async function meantSubject(
  keys: KeyStore,
  subject: string,
  aggregates: readonly Pick<Aggregate, 'name'>[],
): Promise<string | undefined> {
  const category = aggregates.find(({ name }) => subject.startsWith(`${name}-`))?.name;
  const id = category === undefined ? undefined : subject.slice(category.length + 1);
  return id !== undefined && (await find(keys, id)) === 'key' ? id : undefined;
}

async function find(keys: KeyStore, subject: string): Promise<'key' | 'forgotten' | Error | undefined> {
  try {
    const found = await keys.findKey(subject);
    if (found === 'forgotten') return found;
    if (found !== undefined) return 'key';
    return (await keys.findOtherKeys(subject)).length > 0 ? 'key' : undefined;
  } catch (error) {
    if (isKirokuError(error, 'KeyMissing')) return error;
    throw error;
  }
}
