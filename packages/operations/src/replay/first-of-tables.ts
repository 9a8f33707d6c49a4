import type { RowDifference } from '@kiroku/postgres';

/** Takes the first `limit` differences of each table, however many it is given. */
export function firstOfTables(limit: number): (differences: readonly RowDifference[]) => readonly RowDifference[] {
  const seen = new Map<string, number>();
  return (differences) =>
    differences.filter(({ projection, table }) => {
      const count = seen.get(`${projection}.${table}`) ?? 0;
      seen.set(`${projection}.${table}`, count + 1);
      return count < limit;
    });
}
