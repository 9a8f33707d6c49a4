import type { QueryContract } from '@kiroku/shop';
import type { z } from 'zod';
import { type ReadStatement, type ReadStatementParts, readStatement } from './read-statement.ts';

/** How a query is answered from the read models. */
export interface Answer<P extends z.ZodType = z.ZodType, R extends z.ZodType = z.ZodType> {
  readonly contract: QueryContract<P, R>;
  readonly statement: ReadStatement<z.output<P>, z.output<R>>;
}

/** Joins a query's contract with the statement that answers it; the types of both follow from the contract. */
export function answer<P extends z.ZodType, R extends z.ZodType, Shape, Row>(
  contract: QueryContract<P, R>,
  parts: ReadStatementParts<z.output<P>, Shape, Row, z.output<R>>,
): Answer<P, R> {
  return { contract, statement: readStatement(parts) };
}
