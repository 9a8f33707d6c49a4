import { type Dependency, type ReadModelAdvance, rowsWithKeys } from '@kiroku/core';
import { ledger } from '@kiroku/testing';
import { AnswerCache, type AnswerCacheOptions } from './answer-cache.ts';
import { ReadModelChanges } from './read-model-changes.ts';

export const other = { ...ledger, name: 'other-ledger' };
export const ann = [rowsWithKeys(ledger, 'account', [{ id: 'ann' }])];
export const none = { changed: {}, lists: {} };
/** Of accounts that were, or are, blocked or not. */
export const blocked = (...values: readonly string[]) => ({ 'account.blocked': values, 'account.last_note': [] });
export const named = { projection: ledger.name, version: 1, build: 1 };

/** A cache that has heard of build 1 of the ledger, of two partitions, up to position 10. */
export function given({ most, ...options }: Partial<AnswerCacheOptions> & { readonly most?: number } = {}) {
  const changes = new ReadModelChanges({ projections: [ledger, other], ...(most !== undefined && { most }) });
  const cache = new AnswerCache({ changes, maxBytes: 100_000, ...options });
  const reading = (told: { readonly build?: number; readonly version?: number; readonly positions?: readonly number[] } = {}) =>
    changes.hear({ kind: 'reading', ...named, positions: [10, 10], ...told });
  const heard = (position: number, told: Partial<ReadModelAdvance> = none, partitions = [0, 1]): void => {
    for (const partition of partitions) changes.hear({ kind: 'advance', ...named, partition, position, ...none, ...told });
  };
  const current = () => changes.hear({ kind: 'current' });
  reading();
  current();
  let [reads, present] = [0, 10];
  return {
    cache,
    changes,
    reading,
    heard,
    current,
    /** What the database is at. */
    at: (position: number) => {
      present = position;
    },
    /** Asks, and says which reading the answer comes from. */
    ask: async (dependencies: readonly Dependency[] = ann, { key = 'ann', atLeast, meanwhile }: Asking = {}) => {
      const { position, value } = await cache.answer({ key, reads: [ledger], atLeast }, async () => {
        const value = `${++reads}`;
        meanwhile?.();
        return { position: present, value, dependencies, bytes: 1 };
      });
      return [value, position];
    },
  };
}

interface Asking {
  readonly key?: string;
  readonly atLeast?: number;
  /** Happens while it is read. */
  readonly meanwhile?: () => void;
}
