import type { Projection, Row, RowKey } from '../projection.ts';
import type { LogIdentity } from './event-store.ts';
import type { ParkedEvent, ParkingFault, PartitionCheckpoint, ReadModel, RowChanges } from './read-model-store.ts';

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

export interface ParkedKey {
  readonly projection: string;
  readonly version: number;
  readonly build: number;
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

/** Where a list of parked keys goes on: after this one, which need not be there any more. */
export type ParkedPlace = Pick<ParkedKey, 'parkedAt' | 'projection' | 'version' | 'build' | 'table' | 'keyText'>;

/** A build by its name: enough to switch to it or to remove it, also with code that does not declare its version any more. */
export interface BuildName {
  readonly projection: Pick<Projection, 'name' | 'version'>;
  readonly build: number;
}

/** A build that a run of a job makes, which may write it until a later run takes it over. */
export interface OwnedBuild extends ReadModel {
  /** Of the run, as in `JobLease`. */
  readonly epoch: number;
}

/** All rows of a build and where its partitions were, in one snapshot. */
export interface RowsAtCheckpoint {
  readonly checkpoints: readonly PartitionCheckpoint[];
  /** Keys that are parked, by table, as `rowKeyText`. */
  readonly parked: { readonly [table: string]: ReadonlySet<string> };
  /** By table, in pages, in no order; to be read once, before the callback of `readRows` ends. */
  rows(table: string): AsyncIterable<readonly Row[]>;
}

/** Rows for tables of a build, by table. */
export type RowsToLoad = { readonly [table: string]: AsyncIterable<readonly Row[]> };

/** What a fold under way has come to, to go on from. */
export interface KeptProgress {
  readonly lines: AsyncIterable<string>;
  /** Folds side by side each keep theirs under a name. Default: one that has none. */
  readonly name?: string;
}

/** What a build is when all its rows are loaded. */
export interface LoadedRows {
  /** Where all partitions are. */
  readonly position: number;
  readonly parked: readonly ParkedEvent[];
  /** Called while keys and indexes are made; may read the build's rows. What it throws leaves the build as it was. */
  readonly check?: () => Promise<void>;
}

/** Where builds of read models are made, compared, switched and removed: what operations need beyond `ReadModelStore`. */
export interface ReadModelBuilds {
  /** Every version that is known, or those of one projection. */
  versions(projection?: string): Promise<readonly VersionStatus[]>;
  /**
   * Makes the empty tables (no key, no index) of the next build, in state `building`. `epoch`: of the job's run, default 1. `RebuildUnderWay` if
   * one of the same version is being built.
   */
  create(
    projection: Projection,
    options: { readonly log: LogIdentity; readonly job: string; readonly epoch?: number },
  ): Promise<OwnedBuild>;
  /**
   * Lets a later run of its job go on with a build; says how it is. From then on whatever an earlier run would write is refused with `JobLost`,
   * and so is this call for an earlier run. Waits for what is being written just now.
   */
  takeOver(build: OwnedBuild): Promise<BuildState>;
  /**
   * Adds rows by COPY, and then keeps what the fold has come to with them, as `saveProgress` does, in one transaction: after a crash there is both
   * or neither, however whoever goes on shares out what is left. Throws `RowInvalid`, as `finish` does, for a row that no table or index can hold,
   * with `details.table` and `details.keyText`.
   */
  load(build: OwnedBuild, rows: RowsToLoad, progress: KeptProgress): Promise<void>;
  /**
   * Adds the rows of another build but for some keys, as of one snapshot, and the parked keys likewise (but for events whose keys could not be
   * told). `except` gets the checkpoints of that snapshot, and says which keys, by `rowKeyText`. Returns these checkpoints.
   */
  carryOver(
    build: OwnedBuild,
    from: ReadModel,
    except: (checkpoints: readonly PartitionCheckpoint[]) => Promise<{ readonly [table: string]: ReadonlySet<string> }>,
  ): Promise<readonly PartitionCheckpoint[]>;
  /** Keeps what a fold under way has come to, in place of what was kept before under its name. `finish` forgets it. */
  saveProgress(build: OwnedBuild, progress: KeptProgress): Promise<void>;
  /** What was kept last, in order; nothing if nothing was. */
  readProgress(build: ReadModel, name?: string): AsyncIterable<string>;
  /** Keys and indexes, statistics, checkpoints of all partitions, parked keys; from then on the build is `ready` and followed. */
  finish(build: OwnedBuild, loaded: LoadedRows): Promise<void>;
  /** Reads all rows of a build and its checkpoints in one snapshot. */
  readRows<T>(build: ReadModel, read: (snapshot: RowsAtCheckpoint) => Promise<T>): Promise<T>;
  /**
   * Makes a build the one that queries read, by one row. `NotCaughtUp` if it is behind the active one: queries never go back in time;
   * `BuildNotReady`; `ParkedKeys` if it has parked keys that the active build has not, unless `force`;
   * `BuildOutdated`, with `forward`, if the active build is a later one.
   */
  switchTo(build: BuildName, options?: { readonly force?: boolean; readonly forward?: boolean }): Promise<void>;
  /**
   * Drops a build's tables. `BuildInUse` if it is the active build of the newest version, or of one that an instance alive declares: queries
   * read it, now or after the next start. With `evenNewest` the newest is as any other: for code that goes on with an older one.
   */
  retire(build: BuildName, options?: { readonly evenNewest?: boolean }): Promise<void>;
  /** Stops or lets go on all followers of a version. */
  setPaused(projection: Pick<Projection, 'name' | 'version'>, paused: boolean): Promise<void>;
  /**
   * Changes exactly these rows in one transaction, with the partition locked between two batches. `repair` gets the checkpoint that holds
   * while the lock does, and returns the changes; folding a short rest of the log in it is what it is for.
   */
  repair(build: ReadModel, partition: number, repair: (checkpoint: number) => Promise<readonly RowChanges[]>): Promise<number>;
  /** Keeps what the log amounts to for a build, as lines of text, for the next verification to go on from. */
  keepVerified(build: ReadModel, lines: AsyncIterable<string>): Promise<void>;
  /** What was kept last, in order; nothing if nothing was, or the build is retired. */
  readVerified(build: ReadModel): AsyncIterable<string>;
  /** Parked keys, oldest first. */
  parkedKeys(filter: {
    readonly projection?: string;
    readonly version?: number;
    readonly build?: number;
    readonly after?: ParkedPlace;
    readonly limit: number;
  }): Promise<readonly ParkedKey[]>;
}
