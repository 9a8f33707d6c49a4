import type { Projection, Row, RowKey } from '../projection.ts';
import type { LogIdentity } from './event-store.ts';

/** Rows that changed, by table: what is told to whoever waits for them. */
export interface RowChanges {
  readonly table: string;
  readonly upserts: readonly Row[];
  readonly deletes: readonly RowKey[];
}

export interface ProjectionBatch {
  readonly projection: Projection;
  /** The checkpoint must be exactly here; throws `CheckpointConflict` otherwise, and nothing is written. */
  readonly after: number;
  /** The checkpoint moves here. */
  readonly position: number;
  readonly log: LogIdentity;
  /** Folds: gets the touched rows (absent ones are missing from the map of `rowKeyText`), returns what changed. Pure. */
  readonly touched: { readonly [table: string]: readonly RowKey[] };
  readonly fold: (rows: { readonly [table: string]: ReadonlyMap<string, Row> }) => readonly RowChanges[];
}

export interface ReadModelAdvance {
  readonly projection: string;
  readonly version: number;
  readonly position: number;
  /** Keys of the rows that changed, as `rowKeyText`, by table; `undefined` if there were too many to tell. */
  readonly changed: { readonly [table: string]: readonly string[] } | undefined;
}

/** Where projections keep their rows and how far they are. */
export interface ReadModelStore {
  /** Creates the projection's schema and tables if they are not there; `LogMismatch` if it was built from another log. */
  prepare(projection: Projection, log: LogIdentity): Promise<void>;
  /** How far the projection is; 0 before the first batch. */
  checkpoint(projection: Projection): Promise<number>;
  /** Loads the touched rows, folds, writes and moves the checkpoint in one transaction. */
  apply(batch: ProjectionBatch): Promise<void>;
  /** Advances of every projection, from any process, as they commit. May miss some while disconnected; `checkpoint` is the truth. */
  advances(signal: AbortSignal): AsyncIterable<ReadModelAdvance>;
}

/** A key as text, for maps and messages: its values in the table's key order. */
export function rowKeyText(table: { readonly key: readonly string[] }, row: Row): string {
  return table.key.length === 1 ? String(row[table.key[0] as string]) : JSON.stringify(table.key.map((column) => row[column])); // length was checked
}
