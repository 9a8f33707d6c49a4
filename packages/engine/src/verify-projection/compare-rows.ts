import { type Row, type RowKey, rowKeyText, type Table } from '@kiroku/core';
import { differingColumns, keyTextCanon } from './canonical-value.ts';

/** A row that is not what the events make of it. */
export type RowFinding = {
  readonly kind: 'missing' | 'extra' | 'differing';
  readonly table: string;
  readonly key: RowKey;
  /** Its key as `rowKeyText`. */
  readonly keyText: string;
  /** What the events amount to, of the fields in question; missing if there should be no row. */
  readonly expected?: Row;
  readonly found?: Row;
};

/** Compares the rows of one table with those that its events amount to, page by page. */
export class RowComparison {
  readonly #name: string;
  readonly #table: Table;
  readonly #expected: ReadonlyMap<string, Row>;
  readonly #skip: (keyText: string) => boolean;
  readonly #seen = new Set<string>();
  readonly #canon: ((keyText: string) => string) | undefined;
  #byCanon: ReadonlyMap<string, string> | undefined;
  /** Rows compared. */
  compared = 0;

  /** `skip`: keys that are not compared, e.g. parked ones, or of another share. */
  constructor(name: string, table: Table, expected: ReadonlyMap<string, Row>, skip: (keyText: string) => boolean) {
    this.#name = name;
    this.#table = table;
    this.#expected = expected;
    this.#skip = skip;
    this.#canon = keyTextCanon(table);
  }

  *compare(rows: readonly Row[]): Generator<RowFinding> {
    for (const found of rows) {
      const { keyText, expected } = this.#find(found);
      if (this.#skip(keyText)) continue;
      this.compared++;
      if (expected === undefined) {
        yield { kind: 'extra', table: this.#name, key: keyOf(this.#table, found), keyText, found };
        continue;
      }
      this.#seen.add(keyText);
      const columns = differingColumns(this.#table, expected, found);
      if (columns.length === 0) continue;
      const [is, should] = [pick(found, columns), pick(expected, columns)];
      yield { kind: 'differing', table: this.#name, key: keyOf(this.#table, expected), keyText, expected: should, found: is };
    }
  }

  /** What should be there and was not; after the last page. */
  *missing(): Generator<RowFinding> {
    for (const [keyText, expected] of this.#expected) {
      if (this.#seen.has(keyText) || this.#skip(keyText)) continue;
      yield { kind: 'missing', table: this.#name, key: keyOf(this.#table, expected), keyText, expected };
    }
  }

  /** A key with a timestamp may be written in another way by the fold than the database gives it back. */
  #find(found: Row): { readonly keyText: string; readonly expected: Row | undefined } {
    const keyText = rowKeyText(this.#table, found);
    const expected = this.#expected.get(keyText);
    if (expected !== undefined || this.#canon === undefined) return { keyText, expected };
    this.#byCanon ??= canonical(this.#expected.keys(), this.#canon);
    const other = this.#byCanon.get(this.#canon(keyText));
    return other === undefined ? { keyText, expected } : { keyText: other, expected: this.#expected.get(other) };
  }
}

function canonical(keyTexts: Iterable<string>, canon: (keyText: string) => string): ReadonlyMap<string, string> {
  return new Map([...keyTexts].map((keyText) => [canon(keyText), keyText]));
}

function keyOf(table: Table, row: Row): RowKey {
  return pick(row, table.key);
}

function pick(row: Row, columns: readonly string[]): Row {
  return Object.fromEntries(columns.map((column) => [column, row[column]]));
}
