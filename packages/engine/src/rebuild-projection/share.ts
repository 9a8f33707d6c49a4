import { partitionOf } from '@kiroku/core';

/** One of `of` equal shares of all keys, by their hash: what is folded in one pass over the log, so that it fits into memory. */
export type Share = {
  /** From 0. */
  readonly index: number;
  /** A power of two. */
  readonly of: number;
};

export const wholeShare: Share = { index: 0, of: 1 };

export function isInShare({ index, of }: Share, keyText: string): boolean {
  return of === 1 || partitionOf(keyText, of) === index;
}

/** The halves of a share; together they have exactly its keys. */
export function halves({ index, of }: Share): readonly [Share, Share] {
  return [
    { index, of: of * 2 },
    { index: index + of, of: of * 2 },
  ];
}
