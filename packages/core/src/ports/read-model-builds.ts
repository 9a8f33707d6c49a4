import type { Projection, Row, RowKey } from '../projection.ts';
import type { LogIdentity } from './event-store.ts';
import type { ParkingFault, PartitionCheckpoint, ReadModel, RowChanges } from './read-model-store.ts';

/** `building`: only its job writes it. `ready`: complete, and followed by whoever runs the projection. `retired`: its tables are gone. */
export type BuildState = 'building' | 'ready' | 'retired';

export interface BuildStatus {
  readonly projection: string;
  readonly version: number;
  readonly build: number;
  readonly state: BuildState;
  /** It is the one that queries read. */
  readonly active: boolean;
  /** The job that makes or made it; the first build of a projection that follows the log from its beginning has none. */
  readonly job?: string;
  readonly log: LogIdentity;
  readonly partitions: readonly PartitionCheckpoint[];
  readonly parkedKeys: number;
  /** ISO 8601, like the other times. */
  readonly createdAt: string;
  readonly readyAt?: string;
  readonly retiredAt?: string;
}

/** A version of a projection that query_db knows, with its builds, oldest first. */
export interface VersionStatus {
  readonly projection: string;
  readonly version: number;
  readonly activeBuild?: number;
  /** What was active before the last switch. */
  readonly previousBuild?: number;
  readonly switchedAt?: string;
  readonly pausedAt?: string;
  readonly builds: readonly BuildStatus[];
  /** Processes alive whose code declares this version. */
  readonly instances: readonly string[];
}

export interface ParkedKey extends ReadModel {
  readonly partition: number;
  readonly table: string;
  readonly keyText: string;
  readonly key?: RowKey;
  /** Of the event that failed. */
  readonly position: number;
  readonly eventType: string;
  readonly fault: ParkingFault;
  /** Events that were not folded: the one that failed and those that wait behind it. */
  readonly events: number;
  readonly attempts: number;
  readonly parkedAt: string;
  readonly triedAt: string;
}

/** All rows of a build and where its partitions were, in one snapshot. */
export interface RowsAtCheckpoint {
  readonly checkpoints: readonly PartitionCheckpoint[];
  /** By table, in pages, in no order; to be read once, before the callback of `readRows` ends. */
  rows(table: string): AsyncIterable<readonly Row[]>;
}

/** Where builds of read models are made, compared, switched and removed: what operations need beyond `ReadModelStore`. */
export interface ReadModelBuilds {
  /** Every version that is known, or those of one projection. */
  versions(projection?: string): Promise<readonly VersionStatus[]>;
  /** Makes the empty tables (no key, no index) of the next build, in state `building`. `RebuildUnderWay` if one of the same version is being built. */
  create(projection: Projection, options: { readonly log: LogIdentity; readonly job: string }): Promise<ReadModel>;
  /** Adds rows by COPY, in one transaction. `replace`: instead of what is there of this table. */
  load(build: ReadModel, table: string, rows: AsyncIterable<readonly Row[]>, options?: { readonly replace?: boolean }): Promise<void>;
  /** Adds the rows of another build whose keys are not among `except` (by `rowKeyText`), as of one snapshot; returns its checkpoints there. */
  carryOver(
    build: ReadModel,
    from: ReadModel,
    except: { readonly [table: string]: ReadonlySet<string> },
  ): Promise<readonly PartitionCheckpoint[]>;
  /** Keys and indexes, statistics, checkpoints of all partitions at `position`, parked keys; from then on the build is `ready` and followed. */
  finish(
    build: ReadModel,
    options: {
      readonly position: number;
      readonly parked: readonly Omit<ParkedKey, keyof ReadModel | 'attempts' | 'parkedAt' | 'triedAt'>[];
    },
  ): Promise<void>;
  /** Reads all rows of a build and its checkpoints in one snapshot. */
  readRows<T>(build: ReadModel, read: (snapshot: RowsAtCheckpoint) => Promise<T>): Promise<T>;
  /**
   * Makes a build the one that queries read, by one row. `NotCaughtUp` if it is behind the active one: queries never go back in time;
   * `BuildNotReady`; `ParkedKeys` if it has parked keys that the active build has not, unless `force`.
   */
  switchTo(build: ReadModel, options?: { readonly force?: boolean }): Promise<void>;
  /** Drops a build's tables. `BuildInUse` if it is active, or the only one of a version that an instance alive declares. */
  retire(build: ReadModel): Promise<void>;
  /** Stops or lets go on all followers of a version. */
  setPaused(projection: Projection, paused: boolean): Promise<void>;
  /**
   * Changes exactly these rows in one transaction, with the partition locked between two batches. `repair` gets the checkpoint that holds
   * while the lock does, and returns the changes; folding a short rest of the log in it is what it is for.
   */
  repair(build: ReadModel, partition: number, repair: (checkpoint: number) => Promise<readonly RowChanges[]>): Promise<number>;
  /** Parked keys, oldest first. */
  parkedKeys(filter: {
    readonly projection?: string;
    readonly version?: number;
    readonly build?: number;
    readonly limit: number;
  }): Promise<readonly Omit<ParkedKey, 'projection'>[]>;
}
