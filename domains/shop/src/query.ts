import type { Dependency, Projection } from '@kiroku/core';
import * as z from 'zod';

/** What a question to the read models looks like: who answers it is not the domain's business. */
export interface QueryContract<P extends z.ZodType = z.ZodType, R extends z.ZodType = z.ZodType> {
  readonly name: string;
  /** Shown in the API's documentation. */
  readonly description: string;
  readonly params: P;
  readonly result: R;
  /** The read models the answer comes from: all must have reached the position a caller asks for. */
  readonly reads: readonly Projection[];
  /** The rows that the answer was made of, and would be: while none of them changes, it stays as it is. `params` as they are read, not as they are sent. */
  dependsOn(params: z.output<P>, result: z.output<R>): readonly Dependency[];
}

export function defineQuery<P extends z.ZodType, R extends z.ZodType>(contract: QueryContract<P, R>): QueryContract<P, R> {
  return contract;
}

/** What every list takes besides its filters. */
export const paging = {
  first: z.int().min(1).max(100).default(20).describe('How many, 1 to 100.'),
  after: z.string().min(1).max(1_000).optional().describe('Cursor of the last entry already seen.'),
};

/** A page of a list: each entry with the cursor to go on from. */
export function pageOf<N extends z.ZodType>(node: N) {
  return z.strictObject({ edges: z.array(z.strictObject({ cursor: z.string(), node })), hasNextPage: z.boolean() });
}
