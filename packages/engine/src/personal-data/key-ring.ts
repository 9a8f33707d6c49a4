import type { KeyStore } from '@kiroku/core';
import { LRUCache } from 'lru-cache';
import { type SubjectKey, subjectKey } from './subject-key.ts';

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

  constructor(store: KeyStore, { size = 10_000, maxAgeMs = 10_000 }: KeyCacheOptions = {}) {
    this.#store = store;
    this.#kept = maxAgeMs > 0 ? new LRUCache({ max: size, ttl: maxAgeMs }) : undefined;
  }

  /** The key to encrypt with, of each subject. Throws `SubjectForgotten`. */
  keysFor(subjects: Iterable<string>): Promise<ReadonlyMap<string, SubjectKey>> {
    return this.#each(subjects, async (subject) => {
      const kept = this.#kept?.get(subject);
      return kept !== undefined && kept !== 'forgotten' ? kept : this.#keep(subject, subjectKey(await this.#store.keyFor(subject)));
    });
  }

  /** The keys there are. A subject whose key cannot be found is not among them. */
  find(subjects: Iterable<string>): Promise<ReadonlyMap<string, Found>> {
    return this.#each(subjects, async (subject) => {
      const kept = this.#kept?.get(subject);
      if (kept !== undefined) return kept;
      const found = await this.#store.findKey(subject);
      if (found === undefined) return undefined;
      return this.#keep<Found>(subject, found === 'forgotten' ? found : subjectKey(found));
    });
  }

  #keep<F extends Found>(subject: string, found: F): F {
    this.#kept?.set(subject, found);
    return found;
  }

  async #each<F extends Found>(subjects: Iterable<string>, get: (subject: string) => Promise<F | undefined>): Promise<Map<string, F>> {
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
