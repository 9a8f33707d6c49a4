import { type ParkedEvent, partitionOf, type RecordedEvent, type Row, type RowKey, rowKeyText, type Table } from '@kiroku/core';
import { checkKey, distinctKeys } from '../run-projection/check-keys.ts';
import { foldRow } from '../run-projection/fold-batch.ts';
import { keyTextCanon } from '../verify-projection/canonical-value.ts';
import { type CheckRow, checkRowOf } from './check-row.ts';
import { isByStream, KeysNotByStream } from './keys-by-stream.ts';
import { Parking } from './parking.ts';
import { RowBytes } from './row-bytes.ts';
import { isInShare, type Share } from './share.ts';

/** What of a table is folded. */
export interface TableFoldOptions {
  /** Its name, for messages. */
  readonly projection: string;
  readonly name: string;
  readonly table: Table;
  readonly share: Share;
  /** Every row has the id of the stream of its events as the first of its key. */
  readonly byStream: boolean;
  /** Only these keys, by `rowKeyText`. Default: all. */
  readonly only?: ReadonlySet<string>;
  /** Where the partitions are, by their number: what comes after is left out. Default: everything is folded. */
  readonly positions?: readonly number[];
}

const sampleEvery = 64;
const longestMemory = 1_000;

/** The rows of one table in memory, folded one event after the other: by key, with failing keys parked as the live path parks them. */
export class TableFold {
  readonly name: string;
  readonly table: Table;
  readonly rows = new Map<string, Row>();
  readonly parking: Parking;
  readonly #title: string;
  readonly #projection: string;
  readonly #step: { readonly title: string; readonly table: Table; readonly check: CheckRow };
  readonly #rowBytes: RowBytes;
  readonly #canon: ((keyText: string) => string) | undefined;
  readonly #only: ReadonlySet<string> | undefined;
  readonly #byStream: boolean;
  #from: readonly number[] | undefined;
  #positions: readonly number[] | undefined;
  #firstLimit: number;
  #share: Share;
  #written = 0;
  #sampled = { rows: 0, bytes: 0 };

  constructor({ projection, name, table, share, byStream, only, positions }: TableFoldOptions) {
    this.name = name;
    this.table = table;
    this.parking = new Parking(name);
    this.#title = `${projection}.${name}`;
    this.#projection = projection;
    this.#step = { title: this.#title, table, check: checkRowOf(this.#title, table) };
    this.#rowBytes = new RowBytes(table);
    this.#canon = keyTextCanon(table);
    this.#share = share;
    this.#byStream = byStream;
    this.#only = only;
    this.#positions = positions;
    this.#firstLimit = positions === undefined ? Number.POSITIVE_INFINITY : Math.min(...positions);
  }

  /** Moves the positions up to which it is folded. */
  set positions(positions: readonly number[]) {
    this.#positions = positions;
    this.#firstLimit = Math.min(...positions);
  }

  /** Says that the rows contain, by partition, everything up to these positions. */
  goOnFrom(positions: readonly number[]): void {
    this.#from = positions;
  }

  /** Estimated memory. */
  get bytes(): number {
    const { rows, bytes } = this.#sampled;
    return rows === 0 ? 0 : Math.ceil((bytes / rows) * this.rows.size);
  }

  fold(event: RecordedEvent): void {
    let keys: Iterable<readonly [keyText: string, key: RowKey]>;
    try {
      const touched = this.table.keys(event);
      if (touched.length === 0) return;
      const [only = {}] = touched;
      keys = touched.length === 1 ? [[checkKey(this.#title, this.table, only), only]] : distinctKeys(this.#title, this.table, touched);
    } catch (error) {
      const keyText = `#${event.position}`;
      // it may concern any key, also when only some are folded
      if (this.#isFoldedHere(keyText, event.position)) this.parking.park(keyText, undefined, event, error);
      return;
    }
    for (const [keyText, key] of keys) {
      if (this.#byStream && !isByStream(this.table, key, event)) this.#refuse(event);
      this.#foldKey(event, keyText, key);
    }
  }

  /** Whether a key is of the share that is folded, however the database writes it. */
  isInShare(keyText: string): boolean {
    return this.#share.of === 1 || isInShare(this.#share, this.#canon === undefined ? keyText : this.#canon(keyText));
  }

  /** Keeps only the keys of a smaller share. */
  narrow(share: Share): void {
    this.#share = share;
    for (const keyText of this.rows.keys()) if (!this.isInShare(keyText)) this.rows.delete(keyText);
    for (const keyText of this.parking.keys()) if (!this.isInShare(keyText)) this.parking.delete(keyText);
  }

  /** Begins with a row that was folded before. */
  restore(row: Row): void {
    this.#write(rowKeyText(this.table, row), row);
  }

  restoreParked(parked: ParkedEvent): void {
    this.parking.restore(parked);
  }

  #refuse({ position }: RecordedEvent): never {
    throw new KeysNotByStream(this.#projection, `event ${position} touches a row of ${this.#title} that is not of its stream`);
  }

  #foldKey(event: RecordedEvent, keyText: string, key: RowKey): void {
    if (!this.#wants(keyText, event.position)) return;
    if (this.parking.size > 0 && this.parking.has(keyText)) {
      this.parking.queue(keyText, event);
      return;
    }
    const before = this.rows.get(keyText);
    try {
      const after = foldRow(this.#step, before, event, { keyText, key });
      if (after === undefined) this.rows.delete(keyText);
      else if (after !== before) this.#write(keyText, after);
    } catch (error) {
      this.parking.park(keyText, key, event, error);
    }
  }

  #wants(keyText: string, position: number): boolean {
    return (this.#only === undefined || this.#only.has(keyText)) && this.#isFoldedHere(keyText, position);
  }

  #isFoldedHere(keyText: string, position: number): boolean {
    if (!this.isInShare(keyText)) return false;
    if (this.#from !== undefined && position <= (this.#from[partitionOf(keyText, this.#from.length)] ?? 0)) return false;
    if (position <= this.#firstLimit || this.#positions === undefined) return true;
    return position <= (this.#positions[partitionOf(keyText, this.#positions.length)] ?? 0);
  }

  #write(keyText: string, row: Row): void {
    this.rows.set(keyText, row);
    if (this.#written++ % sampleEvery !== 0) return;
    const { rows, bytes } = this.#sampled;
    const weight = rows < longestMemory ? 1 : 0.5; // rows that grow are larger than they were when the fold began
    this.#sampled = { rows: rows * weight + 1, bytes: bytes * weight + this.#rowBytes.of(keyText, row) };
  }
}
