import { type Projection, type RecordedEvent, type Row, type RowsOf, rowKeyText } from '@kiroku/core';
import { expect } from 'vitest';
import { type Past, recordPast } from './past.ts';

interface ProjectionScenario<P extends Projection> {
  readonly given: (...past: readonly Past[]) => GivenRows<P>;
}

interface GivenRows<P extends Projection> {
  /** All rows of the table, in any order. */
  readonly thenRows: <N extends keyof RowsOf<P> & string>(table: N, rows: readonly RowsOf<P>[N][]) => GivenRows<P>;
}

/** Tells which rows a projection makes of events: `projectionScenario(productList).given(on(product, …)).thenRows('product', [{ … }])`. */
export function projectionScenario<P extends Projection>(projection: P): ProjectionScenario<P> {
  return {
    given: (...past) => {
      const tables = foldLog(projection, recordPast(past));
      const result: GivenRows<P> = {
        thenRows: (table, rows) => {
          const { key } = projection.tables[table] ?? { key: [] };
          const expected: readonly Row[] = rows;
          expect(sorted(key, tables.get(table) ?? []), `rows of ${table}`).toEqual(sorted(key, expected));
          return result;
        },
      };
      return result;
    },
  };
}

/** Folds a log the plainest way, one event and one row at a time: rows by table. What any faster way must agree with. */
export function foldLog(projection: Projection, log: readonly RecordedEvent[]): ReadonlyMap<string, readonly Row[]> {
  const tables = Object.entries(projection.tables).map(([name, table]) => ({ name, table, rows: new Map<string, Row>() }));
  for (const recorded of log.filter(({ type }) => projection.eventTypes.includes(type))) {
    const event = projection.upcast(recorded);
    for (const { table, rows } of tables) {
      const touched = new Map(table.keys(event).map((key) => [rowKeyText(table, key), key])); // a row that is named twice is folded once
      for (const [text, key] of touched) {
        const row = table.fold(rows.get(text), event, key);
        if (row === undefined) rows.delete(text);
        else rows.set(text, row);
      }
    }
  }
  return new Map(tables.map(({ name, rows }) => [name, [...rows.values()]]));
}

function sorted(key: readonly string[], rows: readonly Row[]): readonly Row[] {
  const text = (row: Row) => rowKeyText({ key }, row);
  return [...rows].sort((a, b) => (text(a) < text(b) ? -1 : 1));
}
