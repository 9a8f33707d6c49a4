import { isKirokuError, type KeyStore, type RecordedEvent } from '@kiroku/core';
import { isSealed } from './sealed-value.ts';
import { subjectKey } from './subject-key.ts';

/**
 * Of the subjects that stored events were written about last, those that have lost a key that something in these events is encrypted with: it is not
 * there, or does not open.
 */
export async function lostKeys(
  keys: KeyStore,
  events: readonly Pick<RecordedEvent, 'data'>[],
  mostSubjects: number,
): Promise<{ readonly lost: readonly string[]; readonly subjects: readonly string[] }> {
  const used = [...usedKeys(events)].slice(-mostSubjects);
  const areThere = await Promise.all(used.map(([subject, ids]) => hasKeys(keys, subject, ids)));
  const subjects = used.map(([subject]) => subject);
  return { lost: subjects.filter((_, index) => !areThere[index]), subjects };
}

async function hasKeys(keys: KeyStore, subject: string, ids: ReadonlySet<string>): Promise<boolean> {
  const found = await keys.findKey(subject).catch(lostIsMissing);
  if (found === 'forgotten') return true;
  const has = (all: readonly Uint8Array[]) => [...ids].every((id) => all.some((key) => subjectKey(key).id === id));
  if (found === undefined) return false;
  return has([found]) || has([found, ...((await keys.findOtherKeys(subject).catch(lostIsMissing)) ?? [])]);
}

function lostIsMissing(error: unknown): undefined {
  if (!isKirokuError(error, 'KeyMissing')) throw error;
}

/** Ids of the keys of each subject, as they are stored; the latest subject last. */
function usedKeys(events: readonly Pick<RecordedEvent, 'data'>[]): ReadonlyMap<string, ReadonlySet<string>> {
  const used = new Map<string, Set<string>>();
  for (const { data } of events) addKeys(data, used);
  return used;
}

function addKeys(value: unknown, used: Map<string, Set<string>>): void {
  if (typeof value !== 'object' || value === null) return;
  if (isSealed(value)) {
    const ids = (used.get(value.subject) ?? new Set()).add(value.key);
    used.delete(value.subject);
    used.set(value.subject, ids);
  } else for (const part of Object.values(value)) addKeys(part, used);
}
