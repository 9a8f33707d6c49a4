import type { RawBuilder } from 'kysely';
import { sql } from 'kysely';
import { z } from 'zod';
import { decodeCursor } from './cursor.ts';
import type { ValueOf } from './read-statement.ts';

/** A text in a cursor's sort key; PostgreSQL has none with NUL. */
export const textKey = z
  .string()
  .max(500)
  .refine((text) => !text.includes('\0'));
export const integerKey = z.int();
/** An instant as PostgreSQL writes it here, in years it can read back. */
export const instantKey = z.iso.datetime().regex(/^[1-9]\d{3}-/);

/** `(a, b) > (x, y)`: the rows after the cursor's. One comparison of rows, so that an index on the columns serves it. */
export function rowsAfter(columns: readonly string[], key: readonly (string | number)[], direction: 'asc' | 'desc'): RawBuilder<boolean> {
  const operator = direction === 'asc' ? sql`>` : sql`<`;
  return sql<boolean>`(${sql.join(columns.map((column) => sql.ref(column)))}) ${operator} (${sql.join(key)})`;
}

/** The sort key that a cursor of the list holds, of so many values, when the statement is sent. */
export function keyLater(
  list: string,
  key: z.ZodType<(string | number)[]>,
  value: ValueOf<{ readonly after?: string | undefined }>,
  columns = 2,
): readonly (string | number)[] {
  return Array.from({ length: columns }, (_, n) => value(({ after = '' }) => decodeCursor(list, key, after)[n] ?? ''));
}

/** Cuts the one row more that was asked for, and says whether it was there. */
export function toPage<Row, Node>(
  rows: readonly Row[],
  first: number,
  entry: (row: Row) => { readonly cursor: string; readonly node: Node },
): { edges: { cursor: string; node: Node }[]; hasNextPage: boolean } {
  return { edges: rows.slice(0, first).map((row) => entry(row)), hasNextPage: rows.length > first };
}

/** A pattern that finds the text itself, whatever wildcards it contains. */
export function containing(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`;
}
