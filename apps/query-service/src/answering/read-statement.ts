import type { Expression } from 'kysely';
import type { ReadTables } from './read-tables.ts';

/** What read models are asked in one statement, and what its rows say. */
export interface ReadStatement<Params, Result> {
  /** Statements of one shape are the same text with other values. */
  shapeOf(params: Params): string;
  /** Is what has this shape quick, whatever its values? */
  isQuick(params: Params): boolean;
  /** The statement for all that is of the shape of `params`. */
  write(tables: ReadTables, params: Params): Expression<unknown>;
  result(rows: readonly unknown[], params: Params): Result;
}

/** Says where in a statement a value stands that the parameters have. */
export type ValueOf<Params> = <T>(pick: (params: Params) => T) => T;

export interface ReadStatementParts<Params, Shape, Row, Result> {
  /** What the text depends on besides the values in it: the order of a list, whether it is filtered. Default: nothing. */
  readonly shape?: (params: Params) => Shape;
  /**
   * Few rows, found by an index, whatever the values: others wait behind it on the same connection, which costs a fifth less than one for each.
   * Default: no.
   */
  readonly isQuick?: (shape: Shape) => boolean;
  /**
   * Written once for each shape, as that takes longer than to answer it. It is not given the parameters, so that none of them stays in the text:
   * their values come in with `value`.
   */
  readonly statement: (tables: ReadTables, value: ValueOf<Params>, shape: Shape) => Expression<Row>;
  /** `rows` may have more columns than the statement names. */
  readonly result: (rows: readonly Row[], params: Params) => Result;
}

/** A statement of its parts; what its rows are follows from the first. */
export function readStatement<Params, Shape, Row, Result>({
  shape = () => undefined as Shape, // nobody reads it then
  isQuick = () => false,
  statement,
  result,
}: ReadStatementParts<Params, Shape, Row, Result>): ReadStatement<Params, Result> {
  return {
    shapeOf: (params) => JSON.stringify(shape(params)) ?? '',
    isQuick: (params) => isQuick(shape(params)),
    // Kysely passes values on as they are, whatever they are
    write: (tables, params) => statement(tables, <T>(pick: (params: Params) => T) => new LaterValue(pick) as T, shape(params)),
    result: (rows, params) => result(rows as readonly Row[], params), // they are of this statement
  };
}

/** The values that a statement is sent with. */
export function valuesFor<Params>(parameters: readonly unknown[], params: Params): unknown[] {
  return parameters.map((each) => (each instanceof LaterValue ? each.pick(params as never) : each));
}

class LaterValue {
  readonly pick: (params: never) => unknown;

  constructor(pick: (params: never) => unknown) {
    this.pick = pick;
  }
}
