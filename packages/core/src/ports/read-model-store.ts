import type { RecordedEvent } from '../event.ts';
import type { Projection, Row, RowKey, SqlRunner } from '../projection.ts';
import type { LogIdentity } from './event-store.ts';

/**
 * One build of a projection version: tables of its own, folded from the log. The first follows the log from its beginning; a rebuild
 * makes the next beside the one that is being read.
 */
export interface ReadModel {
  readonly projection: Projection;
  /** From 1. */
  readonly build: number;
}

/** The right to write one partition of a build, until a later epoch takes it. */
export interface PartitionLease extends ReadModel {
  /** From 0. Rows belong to partitions by the hash of their key, see `partitionOf`. */
  readonly partition: number;
  /** How many partitions the build has. */
  readonly partitions: number;
  readonly epoch: number;
}

/** A process that runs projections, as it asks for work. */
export interface Attendance {
  /** Names the process, e.g. `query-service host:4711`; unique among those alive. */
  readonly instance: string;
  /** What its code declares. */
  readonly projections: readonly Projection[];
  /** A lease that is not renewed for so long is another's to take. */
  readonly leaseMs: number;
}

/** Rows that changed, by table: what is told to whoever waits for them. */
export interface RowChanges {
  readonly table: string;
  readonly upserts: readonly Row[];
  readonly deletes: readonly RowKey[];
}

/** Why a key is parked. */
export interface ParkingFault {
  /** Our code if it is one of ours, else the name of the error. */
  readonly code: string;
  readonly message: string;
  readonly stack?: string;
}

/** An event that was not folded into a row: the one that failed (`fault`), or one that waits behind it, in order. */
export interface ParkedEvent {
  readonly table: string;
  /** As `rowKeyText`; `#<position>` for an event whose keys could not be told. */
  readonly keyText: string;
  readonly key?: RowKey;
  readonly position: number;
  readonly eventType: string;
  readonly fault?: ParkingFault;
}

/** What a batch finds: the touched rows that are there, and which of the touched keys are parked. Both by `rowKeyText`. */
export interface StoredRows {
  readonly rows: { readonly [table: string]: ReadonlyMap<string, Row> };
  readonly parked: { readonly [table: string]: ReadonlySet<string> };
}

/** What becomes of a batch. */
export interface FoldedBatch {
  readonly changes: readonly RowChanges[];
  readonly parks: readonly ParkedEvent[];
}

export interface ProjectionBatch {
  readonly lease: PartitionLease;
  /** The partition's checkpoint must be exactly here; throws `CheckpointConflict` otherwise, and nothing is written. */
  readonly after: number;
  /** The checkpoint moves here. */
  readonly position: number;
  readonly log: LogIdentity;
  /** What is projected, for those who watch: those of other partitions' rows are among them. */
  readonly events?: readonly RecordedEvent[];
  /** Keys of this partition that the batch touches. */
  readonly touched: { readonly [table: string]: readonly RowKey[] };
  /** Pure; may be called again after a fault. */
  readonly fold: (stored: StoredRows) => FoldedBatch;
  /** Instead of rows and fold, for a projection with SQL of its own. */
  readonly run?: (sql: SqlRunner) => Promise<void>;
}

export interface ReadModelAdvance {
  readonly projection: string;
  readonly version: number;
  readonly build: number;
  readonly partition: number;
  readonly position: number;
  /** Keys of the rows that changed, as `rowKeyText`, by table; absent if there were too many to tell. */
  readonly changed?: { readonly [table: string]: readonly string[] } | undefined;
  /**
   * What changed rows had in the columns their table is listed by, and have now, as text, by `<table>.<column>`: a list of the rows with that value
   * may be another. Absent if that is not known.
   */
  readonly lists?: { readonly [column: string]: readonly string[] } | undefined;
  /** The build has just become the one that is read. */
  readonly isRead?: boolean;
}

/** What an advance tells of changed rows, of what they were before: as they were loaded, by table and `rowKeyText`. */
export function toldChanges(
  { tables }: Pick<Projection, 'tables'>,
  changes: readonly RowChanges[],
  before: StoredRows['rows'],
): Required<Pick<ReadModelAdvance, 'changed' | 'lists'>> {
  const changed: Record<string, readonly string[]> = {};
  const lists: Record<string, readonly string[]> = {};
  for (const { table: name, upserts, deletes } of changes) {
    const table = tables[name];
    if (table === undefined) continue;
    const keys = [...upserts, ...deletes].map((row) => rowKeyText(table, row));
    changed[name] = keys;
    for (const column of table.listedBy ?? []) {
      const values = [...upserts, ...keys.map((key) => before[name]?.get(key))].map((row) => row?.[column] ?? undefined);
      lists[`${name}.${column}`] = [...new Set(values.filter((value) => value !== undefined).map(String))];
    }
  }
  return { changed, lists };
}

/** How far one partition of a build is, and who moves it. */
export interface PartitionCheckpoint {
  readonly partition: number;
  readonly position: number;
  /** ISO 8601: when it moved last. */
  readonly movedAt: string;
  readonly epoch: number;
  /** Who holds the lease now. */
  readonly owner?: string;
  /** Why its owner cannot go on, and since when (ISO 8601). */
  readonly stalled?: { readonly reason: string; readonly since: string };
}

/** The build of a version that queries read, and how far it is. */
export interface ActiveBuild {
  readonly build: number;
  /** In order. */
  readonly partitions: readonly PartitionCheckpoint[];
}

/** Where projections keep their rows and how far they are. Written by the processes that run them. */
export interface ReadModelStore {
  /** Registers the projection version; makes and activates its first build if it has none. `LogMismatch` if it was built from another log. */
  prepare(projection: Projection, log: LogIdentity): Promise<void>;
  /**
   * Says that the instance is alive, renews its leases, takes those that are free or expired, and gives up what exceeds its fair share of
   * the partitions among the instances that declare the same versions. Only builds that are followed (state `ready`) of versions that are
   * not paused are leased. Returns the leases it holds now, each with its checkpoint; to be called several times within `leaseMs`.
   */
  attend(attendance: Attendance): Promise<readonly (PartitionLease & { readonly position: number })[]>;
  /** Gives up all leases of the instance at once, and signs it off. */
  leave(instance: string): Promise<void>;
  /** Up to where the active build is: its slowest partition. 0 if there is none. */
  checkpoint(projection: Projection): Promise<number>;
  /** The active build; `undefined` if there is none. */
  active(projection: Projection): Promise<ActiveBuild | undefined>;
  /** The partitions of a build, in order; of the active one by default. Empty if there is no such build. */
  checkpoints(projection: Projection, build?: number): Promise<readonly PartitionCheckpoint[]>;
  /**
   * Loads the touched rows, folds, writes and moves the checkpoint in one transaction. Throws `LeaseLost` if a later epoch has the partition,
   * `CheckpointConflict`, `LogMismatch`; then nothing is written.
   */
  apply(batch: ProjectionBatch): Promise<void>;
  /** Notes why the partition cannot go on, for everybody to see; without a reason, that it does. An outdated lease notes nothing. */
  stall(lease: PartitionLease, reason?: string): Promise<void>;
  /**
   * Advances of every projection, from any process, as they commit. One at the position of the one before tells rows that an operator's verb
   * changed. Misses those from before it listens, and while it is disconnected: `onListening` is called with `true` each time that it listens (again),
   * so that the checkpoints can be looked up, and with `false` when it does no more.
   */
  advances(signal: AbortSignal, onListening?: (isListening: boolean) => void): AsyncIterable<ReadModelAdvance>;
}

/** A key as text, for maps and messages: its values in the table's key order. */
export function rowKeyText(table: { readonly key: readonly string[] }, row: Row): string {
  return table.key.length === 1 ? String(row[table.key[0] as string]) : JSON.stringify(table.key.map((column) => row[column])); // length was checked
}

/**
 * The partition that a row belongs to: FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/) over the UTF-16 units of its key text, modulo
 * their number. Stored checkpoints rely on it: it must never change.
 */
export function partitionOf(keyText: string, partitions: number): number {
  if (partitions === 1) return 0;
  let hash = 0x811c9dc5;
  for (let index = 0; index < keyText.length; index++) hash = Math.imul(hash ^ keyText.charCodeAt(index), 0x01000193);
  return (hash >>> 0) % partitions;
}
