import { KirokuError, type LogPart, type ParkedEvent, type Projection, type RecordedEvent, type Row } from '@kiroku/core';
import { halves, type Share, wholeShare } from './share.ts';
import { TableFold } from './table-fold.ts';

export interface MemoryFoldOptions {
  readonly projection: Projection;
  /** Default: all keys. */
  readonly share?: Share;
  /** It is given only this part of the log. Its rows must be by the ids of streams: `fold` throws `KeysNotByStream` for an event that touches another. */
  readonly part?: LogPart;
  /** Only these keys of these tables, by `rowKeyText`. Default: all. */
  readonly only?: { readonly [table: string]: ReadonlySet<string> };
  /** How far each partition is folded. Default: everything that is given. */
  readonly positions?: readonly number[];
}

/** A projection's rows in memory, folded from the log in order. Equal in effect to applying the events one at a time. */
export class MemoryFold {
  readonly projection: Projection;
  readonly tables: readonly TableFold[];
  readonly #types: ReadonlySet<string>;
  #share: Share;
  /** Of the last event or page that was folded. */
  position = 0;
  /** Events that were of interest. */
  events = 0;

  constructor({ projection, share = wholeShare, part, only, positions }: MemoryFoldOptions) {
    if (projection.kind === 'sql')
      throw new KirokuError('ProjectionUnsupported', `${projection.name} runs SQL of its own, so its rows cannot be folded in memory.`);
    this.projection = projection;
    this.#share = share;
    this.#types = new Set(projection.eventTypes);
    this.tables = Object.entries(projection.tables).map(
      ([name, table]) =>
        new TableFold({
          projection: projection.name,
          name,
          table,
          share,
          byStream: part !== undefined && part.of > 1,
          ...(only && { only: only[name] ?? new Set() }),
          ...(positions && { positions }),
        }),
    );
  }

  get share(): Share {
    return this.#share;
  }

  /** Estimated memory of its rows. */
  get bytes(): number {
    return this.tables.reduce((sum, table) => sum + table.bytes, 0);
  }

  get rows(): number {
    return this.tables.reduce((sum, { rows }) => sum + rows.size, 0);
  }

  /** Folds a page of the log that ends at `position`. Events before where it is are skipped. Throws `UnknownEvent`. */
  fold(events: readonly RecordedEvent[], position: number): void {
    for (const event of events) {
      if (event.position <= this.position || !this.#types.has(event.type)) continue;
      this.events++;
      const present = this.projection.upcast(event);
      for (const table of this.tables) table.fold(present);
    }
    this.position = Math.max(this.position, position);
  }

  /** Moves the positions up to which it is folded. */
  limitTo(positions: readonly number[]): void {
    for (const table of this.tables) table.positions = positions;
  }

  /** Goes on from rows that contain, by partition, everything up to these positions. */
  goOnFrom(positions: readonly number[]): void {
    for (const table of this.tables) table.goOnFrom(positions);
    this.position = Math.min(...positions);
  }

  /** Gives up half of its keys to free memory; returns the share given up. */
  halve(): Share {
    const [kept, givenUp] = halves(this.#share);
    this.#share = kept;
    for (const table of this.tables) table.narrow(kept);
    return givenUp;
  }

  *parked(): Generator<ParkedEvent> {
    for (const { parking } of this.tables) yield* parking.events();
  }
}

const pageSize = 2_000;

/** Rows in pages, as stores take them. */
export async function* rowPages(rows: Iterable<Row>): AsyncGenerator<readonly Row[]> {
  let page: Row[] = [];
  for (const row of rows) {
    if (page.push(row) < pageSize) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}
