import type { QueryContract } from '@kiroku/shop';
import type { z } from 'zod';
import type { ReadSnapshot } from './read-snapshot.ts';

/** How a query is answered from the read models. */
export interface Answer<P extends z.ZodType = z.ZodType, R extends z.ZodType = z.ZodType> {
  readonly contract: QueryContract<P, R>;
  // a method, so that a list may hold answers to different queries
  answer(snapshot: ReadSnapshot, params: z.output<P>): Promise<z.output<R>>;
}

/** Joins a query's contract with what answers it; the types of both follow from the contract. */
export function answer<P extends z.ZodType, R extends z.ZodType>(
  contract: QueryContract<P, R>,
  read: (snapshot: ReadSnapshot, params: z.output<P>) => Promise<z.output<R>>,
): Answer<P, R> {
  return { contract, answer: read };
}
