import type { Row, RowKey } from '../projection.ts';
import type { ParkedEvent, ParkingFault, ReadModel, RowChanges } from './read-model-store.ts';

/** Where a parked key is: a key of one table of one build, by its `rowKeyText`. */
export interface ParkedAddress extends ReadModel {
  readonly table: string;
  readonly keyText: string;
}

/** What is parked of a key. */
export interface ParkedQueue {
  readonly partition: number;
  /** How many partitions the build has. */
  readonly partitions: number;
  /** Where they are. */
  readonly checkpoints: readonly number[];
  /** Missing if the keys of the event could not be told: then there is that event only, and it belongs to no row yet. */
  readonly key?: RowKey;
  /** Positions of the events that were not folded, in order; the first is the one that failed. */
  readonly positions: readonly number[];
  readonly eventType: string;
  readonly fault: ParkingFault;
  readonly attempts: number;
}

/** What becomes of a parked key. */
export interface ParkedOutcome {
  readonly changes: Pick<RowChanges, 'upserts' | 'deletes'>;
  /** Events that stay parked, in order, with the fault of the first; without it the key is parked no more. */
  readonly rest?: { readonly positions: readonly number[]; readonly eventType: string; readonly fault: ParkingFault };
  /** What is parked of `keys` from now on, in place of what was; without it that stays as it is. */
  readonly parks?: readonly ParkedEvent[];
}

export interface SettleParked {
  readonly parked: ParkedAddress;
  /** What must be parked of the key now, exactly; `CheckpointConflict` otherwise, and nothing is written. */
  readonly positions: readonly number[];
  /** The rows that `fold` gets: the parked key's, or those of the keys that the event has now been found to have. */
  readonly keys: readonly RowKey[];
  /** Changes nothing itself; from the stored rows by `rowKeyText`, and where the partitions are while they are locked. It may read the log. */
  readonly fold: (rows: ReadonlyMap<string, Row>, checkpoints: readonly number[]) => ParkedOutcome | Promise<ParkedOutcome>;
}

/** Where operators look at parked keys one by one, and settle them. */
export interface ParkedKeyStore {
  /** What is parked of a key; `undefined` if nothing is. */
  parked(address: ParkedAddress): Promise<ParkedQueue | undefined>;
  /** Folds parked events onto their rows and forgets what was folded, in one transaction, with the partitions locked between two batches. */
  settleParked(settle: SettleParked): Promise<void>;
}
