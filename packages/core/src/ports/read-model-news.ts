import type { ReadModelAdvance } from './read-model-store.ts';

/** What is heard of read models, in order, by whoever keeps what was read from them. */
export type ReadModelNews =
  /** The build that is read from now on, and how far each of its partitions is. What its rows were until now is not known. */
  | {
      readonly kind: 'reading';
      readonly projection: string;
      readonly version: number;
      readonly build: number;
      readonly positions: readonly number[];
    }
  /** Of that build. Those of a partition come in the order of their commits. */
  | ({ readonly kind: 'advance' } & ReadModelAdvance)
  /** The database was asked just now: everything that it had committed when it was asked before has been told. */
  | { readonly kind: 'current' };
