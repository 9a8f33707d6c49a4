import type { BuildState, BuildStatus, PartitionCheckpoint, VersionStatus } from '@kiroku/core';

export interface VersionRow {
  readonly projection: string;
  readonly version: number;
  readonly active_build: number | null;
  readonly previous_build: number | null;
  readonly switched_at: string | null;
  readonly paused_at: string | null;
  readonly instances: readonly string[];
}

export interface BuildRow {
  readonly projection: string;
  readonly version: number;
  readonly build: number;
  readonly state: BuildState;
  readonly job: string | null;
  readonly created_at: string;
  readonly ready_at: string | null;
  readonly retired_at: string | null;
  readonly parked_keys: number;
}

/** A row of `kiroku.checkpoints`. */
export interface PartitionRow {
  readonly projection: string;
  readonly version: number;
  readonly build: number;
  readonly partition: number;
  readonly position: number;
  readonly log_id: string;
  readonly timeline: number;
  readonly updated_at: string;
  readonly epoch: number;
  readonly owner: string | null;
  readonly stalled_reason: string | null;
  readonly stalled_since: string | null;
}

/** Puts versions, their builds and their partitions together. */
export function versionStatuses(
  versions: readonly VersionRow[],
  builds: readonly BuildRow[],
  partitions: readonly PartitionRow[],
): VersionStatus[] {
  return versions.map((row) => ({
    projection: row.projection,
    version: row.version,
    ...present('activeBuild', row.active_build),
    ...present('previousBuild', row.previous_build),
    ...present('switchedAt', row.switched_at),
    ...present('pausedAt', row.paused_at),
    instances: row.instances,
    builds: builds
      .filter((build) => isOf(row, build))
      .map((build) =>
        buildStatus(
          build,
          row.active_build === build.build,
          partitions.filter((partition) => isOf(row, partition) && partition.build === build.build),
        ),
      ),
  }));
}

function buildStatus(row: BuildRow, active: boolean, partitions: readonly PartitionRow[]): BuildStatus {
  const [first] = partitions;
  return {
    projection: row.projection,
    version: row.version,
    build: row.build,
    state: row.state,
    active,
    ...present('job', row.job),
    log: { id: first?.log_id ?? '', timeline: first?.timeline ?? 0 },
    partitions: partitions.map(partitionCheckpoint),
    parkedKeys: row.parked_keys,
    createdAt: row.created_at,
    ...present('readyAt', row.ready_at),
    ...present('retiredAt', row.retired_at),
  };
}

export function partitionCheckpoint(
  row: Omit<PartitionRow, 'projection' | 'version' | 'build' | 'log_id' | 'timeline'>,
): PartitionCheckpoint {
  const { stalled_reason: reason, stalled_since: since } = row;
  return {
    partition: row.partition,
    position: row.position,
    movedAt: row.updated_at,
    epoch: row.epoch,
    ...present('owner', row.owner),
    ...(reason !== null && since !== null && { stalled: { reason, since } }),
  };
}

function isOf(version: VersionRow, other: { readonly projection: string; readonly version: number }): boolean {
  return other.projection === version.projection && other.version === version.version;
}

function present<K extends string, T>(name: K, value: T | null): { readonly [key in K]?: T } {
  return value === null ? {} : ({ [name]: value } as { readonly [key in K]?: T }); // a computed key loses its type
}
