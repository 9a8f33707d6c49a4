import type { Row, Table } from '@kiroku/core';
import { canonicalValue, columnType } from '../verify-projection/canonical-value.ts';

/** How many rows there were, and a sum over their hashes: the same for the same rows in any order. */
export type RowSum = { readonly rows: number; readonly low: number; readonly high: number };

/** The sum of what was added up apart. */
export function addSums(a: RowSum, b: RowSum): RowSum {
  return { rows: a.rows + b.rows, low: (a.low + b.low) >>> 0, high: (a.high + b.high) >>> 0 };
}

/** Adds rows of a table up, to see that what was written is what is read. Finds accidents, not forgeries. */
export class RowDigest {
  readonly #columns: readonly { readonly name: string; readonly type: ReturnType<typeof columnType> }[];
  #rows: number;
  #low: number;
  #high: number;

  /** Goes on from a sum, if there is one. */
  constructor(table: Table, from: RowSum = { rows: 0, low: 0, high: 0 }) {
    this.#rows = from.rows;
    this.#low = from.low;
    this.#high = from.high;
    this.#columns = Object.keys(table.columns).map((name) => ({ name, type: columnType(table, name) }));
  }

  add(rows: readonly Row[]): void {
    for (const row of rows) {
      let [low, high] = [0x811c9dc5, 0x1b873593];
      for (const { name, type } of this.#columns) {
        const text = canonicalValue(type, row[name]) ?? '\0';
        for (let index = 0; index < text.length; index++) {
          const unit = text.charCodeAt(index);
          low = Math.imul(low ^ unit, 0x01000193);
          high = Math.imul(high ^ unit, 0x85ebca6b);
        }
        low = Math.imul(low ^ 0xffff, 0x01000193); // where a column ends
      }
      this.#rows++;
      this.#low = (this.#low + low) >>> 0;
      this.#high = (this.#high + high) >>> 0;
    }
  }

  get sum(): RowSum {
    return { rows: this.#rows, low: this.#low, high: this.#high };
  }
}
