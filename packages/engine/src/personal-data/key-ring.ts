import type { KeyStore } from '@kiroku/core';
import { LRUCache } from 'lru-cache';
import type { SealedValue } from './sealed-value.ts';
import { type SubjectKey, subjectKey } from './subject-key.ts';

/** How long a process may use a key that another has destroyed, milliseconds. */
export const keyMemoryMs = 10_000;

/** Which keys stay in memory. */
export interface KeyCacheOptions {
  /** Subjects at most. Default 10,000. */
  readonly size?: number;
  /** How long another process's `forget` may go unnoticed, milliseconds. Default 10,000; 0 keeps none. */
  readonly maxAgeMs?: number;
}

type Found = SubjectKey | 'forgotten';

const atOnce = 64; // each may be a file to open

/** The keys of the subjects that are in use, out of a key store. */
export class KeyRing {
  readonly #store: KeyStore;
  readonly #kept: LRUCache<string, Found> | undefined;
  /** Of the few subjects that something is encrypted of with another key. */
  readonly #keptOthers: LRUCache<string, readonly SubjectKey[]> | undefined;

  constructor(store: KeyStore, { size = 10_000, maxAgeMs = keyMemoryMs }: KeyCacheOptions = {}) {
    this.#store = store;
    if (maxAgeMs <= 0) return;
    this.#kept = new LRUCache({ max: size, ttl: maxAgeMs });
    this.#keptOthers = new LRUCache({ max: size, ttl: maxAgeMs });
  }

  /** The key to encrypt with, of each subject. Throws `SubjectForgotten`. */
  keysFor(subjects: Iterable<string>): Promise<ReadonlyMap<string, SubjectKey>> {
    return this.#each(subjects, async (subject) => {
      const kept = this.#kept?.get(subject);
      return kept !== undefined && kept !== 'forgotten' ? kept : this.#keep(subject, subjectKey(await this.#store.keyFor(subject)));
    });
  }

  /** The key of each value, by whose it is and the id of the key. If that one is not there, the subject's present key, or nothing. */
  async findFor(values: readonly SealedValue[]): Promise<(value: SealedValue) => Found | undefined> {
    const found = await this.#find(values.map(({ subject }) => subject));
    const fits = ({ subject, key }: SealedValue, one = found.get(subject)) => one === 'forgotten' || one?.id === key;
    const unfit = values.filter((value) => !fits(value));
    if (unfit.length === 0) return ({ subject }) => found.get(subject);
    const others = await this.#each(
      unfit.map(({ subject }) => subject),
      (subject) => this.#others(subject),
    );
    return (value) => (fits(value) ? undefined : others.get(value.subject)?.find(({ id }) => id === value.key)) ?? found.get(value.subject);
  }

  #find(subjects: Iterable<string>): Promise<ReadonlyMap<string, Found>> {
    return this.#each(subjects, async (subject) => {
      const kept = this.#kept?.get(subject);
      if (kept !== undefined) return kept;
      const found = await this.#store.findKey(subject);
      if (found === undefined) return undefined;
      return this.#keep<Found>(subject, found === 'forgotten' ? found : subjectKey(found));
    });
  }

  async #others(subject: string): Promise<readonly SubjectKey[]> {
    const kept = this.#keptOthers?.get(subject);
    if (kept !== undefined) return kept;
    const found = (await this.#store.findOtherKeys(subject)).map(subjectKey);
    this.#keptOthers?.set(subject, found);
    return found;
  }

  #keep<F extends Found>(subject: string, found: F): F {
    this.#kept?.set(subject, found);
    return found;
  }

  async #each<F>(subjects: Iterable<string>, get: (subject: string) => Promise<F | undefined>): Promise<Map<string, F>> {
    const all = [...new Set(subjects)];
    const found = new Map<string, F>();
    for (let start = 0; start < all.length; start += atOnce) {
      const some = all.slice(start, start + atOnce);
      const keys = await Promise.all(some.map(get));
      for (const [index, subject] of some.entries()) {
        const key = keys[index];
        if (key !== undefined) found.set(subject, key);
      }
    }
    return found;
  }
}
