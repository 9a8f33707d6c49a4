import type { Projection } from '@kiroku/core';

/** Bytes that a process may grow by while it folds. */
export const defaultMemoryBytes = 1024 ** 3;
/** Seconds that live read models may lag before a rebuild waits for them. */
export const defaultMaxLagSeconds = 2;

export const rebuildVerb = 'projection rebuild';

/** What to rebuild, and how. */
export type RebuildArguments = {
  readonly projections: readonly { readonly name: string; readonly version: number }[];
  /** Refold only keys that events from this position on touch; carry the other rows over. */
  readonly fromEventNumber?: number;
  /** Refold only keys whose rows are not what their events make of them. */
  readonly fromInconsistency?: boolean;
  /** Leave the new build beside the one that is read. Default false. */
  readonly noSwitch?: boolean;
  /** Once the new build is read, retire those that are older than the one it replaces. Default false. */
  readonly retire?: boolean;
  readonly memoryBytes?: number;
  /** Threads that fold side by side; 1: none but the one there is. Default: as many as there are processors, less one, and memory and events for. */
  readonly parallel?: number;
  /** 0: never wait. */
  readonly maxLagSeconds?: number;
  /** Events of the log a second at most. Default: no bound. */
  readonly maxRate?: number;
};

/** A build that the job makes. */
export type RebuildTarget = { readonly name: string; readonly version: number; readonly build: number };

/** Where to go on. What was folded is kept with each build. */
export type RebuildCursor = {
  readonly builds: readonly RebuildTarget[];
  /** Position that the fold goes to. */
  readonly until: number;
  /** Rows are being loaded, so it goes no further than `until`, however long the log is by now. */
  readonly loading?: boolean;
  /** Parts of the log in which a projection is folded side by side; those that are not named are folded from the whole of it. */
  readonly parts?: { readonly [projection: string]: number };
  /** Events of the log read so far, in all passes. */
  readonly read: number;
  /** Of these, those that need not be read again. Missing in jobs of earlier releases. */
  readonly kept?: number;
  /** Seconds worked so far. */
  readonly seconds: number;
};

export type RebuiltProjection = RebuildTarget & {
  /** Rows that were folded; those carried over are not among them. */
  readonly rows: number;
  readonly parked: number;
  readonly switched: boolean;
  /** Builds that it has retired. */
  readonly retired: readonly number[];
  /** Builds that nobody reads and no rollback leads to: they can be retired. */
  readonly spare: readonly number[];
};

export type RebuildReport = {
  readonly projections: readonly RebuiltProjection[];
  /** Events of the log read, in all passes. */
  readonly events: number;
  readonly seconds: number;
  /** Events a second. */
  readonly rate: number;
};

/** The code that a job needs to fold these. */
export function requiredCode(projections: readonly Pick<Projection, 'name' | 'version'>[]): readonly string[] {
  return projections.map(({ name, version }) => `${name}@${version}`);
}
