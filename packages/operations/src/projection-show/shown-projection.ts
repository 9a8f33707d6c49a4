import type { BuildStatus, ParkedKey, PartitionCheckpoint } from '@kiroku/core';
import type { ReadModelTableSize } from '@kiroku/postgres';
import type { ProjectionStatus } from '../projection-list/list-projections.ts';
import type { Lag } from '../projection-list/projection-lag.ts';

export interface ShownPartition extends PartitionCheckpoint {
  readonly lag: Lag;
}

export interface ShownBuild extends Omit<BuildStatus, 'partitions'> {
  readonly partitions: readonly ShownPartition[];
  readonly tables: readonly ReadModelTableSize[];
}

export interface ShownVersion extends ProjectionStatus {
  readonly previousBuild?: number;
  readonly switchedAt?: string;
  /** Processes alive whose code declares it. */
  readonly instances: readonly string[];
  /** Without those that are retired, oldest first. */
  readonly builds: readonly ShownBuild[];
  /** What a switch back or a retirement would do, in lines for people. */
  readonly steps: readonly string[];
}

export interface ShownProjection {
  readonly projection: string;
  /** Position of the log's head. */
  readonly head: number;
  /** Newest first. */
  readonly versions: readonly ShownVersion[];
  /** Oldest first, 20 at most. */
  readonly parked: readonly ParkedKey[];
}
