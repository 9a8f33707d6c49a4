import { type BuildStatus, isKirokuError, type VersionStatus } from '@kiroku/core';
import type { ProjectionSources } from '../config/projection-stores.ts';
import { type BuildUnderWay, buildUnderWay } from './build-under-way.ts';
import { type Lag, nowOf, projectionLag } from './projection-lag.ts';
import { faultyStates, type ProjectionState, projectionState, type StalledBuild, stalledBuilds } from './projection-state.ts';
import { spareBuilds } from './spare-builds.ts';

/** A version of a projection, and how it is. */
export interface ProjectionStatus {
  readonly projection: string;
  readonly version: number;
  /** By the code of this installation. */
  readonly declared: boolean;
  readonly state: ProjectionState;
  /** Why. */
  readonly reason?: string;
  /** The build that queries read. */
  readonly activeBuild?: number;
  /** ISO 8601: since when nobody may follow it. */
  readonly pausedAt?: string;
  /** Up to where its slowest partition is. */
  readonly position: number;
  /** Of the active build's slowest partition, behind the log's head; absent if the log cannot be read. */
  readonly lag?: Lag;
  /** Why it cannot be read. */
  readonly unseen?: string;
  /** Of the active build. */
  readonly parkedKeys: number;
  /** Processes that follow the active build. */
  readonly owners: readonly string[];
  readonly underWay?: BuildUnderWay;
  /** Of the builds that are kept beside the active one. */
  readonly stalledBuilds?: readonly StalledBuild[];
  /** Complete builds that are followed, though neither queries read them nor a rollback leads to them. */
  readonly spareBuilds?: readonly number[];
  /** Of the active build's tables. */
  readonly size: { readonly rows: number; readonly estimated: boolean; readonly bytes: number };
}

/**
 * Every version of every projection that is declared here or has a build, in the order of the code; of one name only, if it is given. While the log
 * is away it is told without the lag.
 */
export async function listProjections(stores: ProjectionSources, name?: string): Promise<readonly ProjectionStatus[]> {
  const [log, versions] = await Promise.all([unlessAway(() => logNow(stores)), knownVersions(stores, name)]);
  return await Promise.all(versions.map((version) => statusOf(stores, { version, log })));
}

/** Where the log ends, and the time there. */
export interface LogNow {
  readonly head: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What could not be looked at, and why. */
export interface Unseen {
  readonly unseen: string;
}

export async function logNow(stores: Pick<ProjectionSources, 'log' | 'clock'>): Promise<LogNow> {
  const { position: head } = await stores.log.head();
  return { head, now: await nowOf(stores) };
}

async function unlessAway<T>(look: () => Promise<T>): Promise<T | Unseen> {
  try {
    return await look();
  } catch (error) {
    if (isKirokuError(error, 'DatabaseUnavailable')) return { unseen: error.message };
    throw error;
  }
}

/** It stands still, and does not go on by itself. */
export function isFaulty({ state }: ProjectionStatus): boolean {
  return faultyStates.has(state);
}

/** Does somebody have to do something about one of them? */
export function needsAttention(statuses: readonly ProjectionStatus[]): boolean {
  return statuses.some(
    (status) => isFaulty(status) || status.stalledBuilds !== undefined || (status.state !== 'unused' && status.parkedKeys > 0),
  );
}

/** Versions that query_db knows and that are not gone, and those that are declared and not built. */
export async function knownVersions({ builds, application }: ProjectionSources, name?: string): Promise<readonly VersionStatus[]> {
  const declared = application.projections.filter((projection) => name === undefined || projection.name === name);
  const isDeclared = ({ projection, version }: VersionStatus) => declared.some((one) => one.name === projection && one.version === version);
  const stored = (await builds.versions(name)).filter(
    (version) => isDeclared(version) || version.builds.some(({ state }) => state !== 'retired'),
  );
  const missing = declared
    .filter((one) => !stored.some(({ projection, version }) => projection === one.name && version === one.version))
    .map((one): VersionStatus => ({ projection: one.name, version: one.version, builds: [], instances: [] }));
  const order = new Map(declared.map((projection, index) => [projection.name, index]));
  const place = ({ projection }: VersionStatus) => order.get(projection) ?? order.size;
  return [...stored, ...missing].sort(
    (a, b) => place(a) - place(b) || a.projection.localeCompare(b.projection, 'en') || b.version - a.version,
  );
}

/** How a version is, as the log is. */
export async function statusOf(
  stores: ProjectionSources,
  { version, log }: { readonly version: VersionStatus; readonly log: LogNow | Unseen },
): Promise<ProjectionStatus> {
  const { projection, version: number } = version;
  const active = version.builds.find((build) => build.active);
  const position = active === undefined ? 0 : positionOf(active);
  const [seen, size, underWay] = await Promise.all([
    'unseen' in log ? log : unlessAway(async () => ({ lag: await projectionLag(stores.log, { ...log, position }) })),
    sizeOf(stores, active),
    buildUnderWay(stores.jobs, version),
  ]);
  const declared = stores.application.projections.some((one) => one.name === projection && one.version === number);
  const stalled = stalledBuilds({ version, declared });
  const spare = declared || version.instances.length > 0 ? spareBuilds(version) : []; // others are followed by nobody
  const followed = version.pausedAt === undefined ? (active?.partitions ?? []) : []; // who holds a lease of a paused one does not use it
  return {
    projection,
    version: number,
    declared,
    ...projectionState({ version, declared, lag: 'lag' in seen ? seen.lag : undefined, underWay }),
    ...(active && { activeBuild: active.build }),
    ...(version.pausedAt !== undefined && { pausedAt: version.pausedAt }),
    position,
    ...seen,
    parkedKeys: active?.parkedKeys ?? 0,
    owners: [...new Set(followed.flatMap(({ owner }) => owner ?? []))],
    ...(underWay && { underWay }),
    ...(stalled.length > 0 && { stalledBuilds: stalled }),
    ...(spare.length > 0 && { spareBuilds: spare }),
    size,
  };
}

/** Up to where a build is: its slowest partition. */
export function positionOf({ partitions }: BuildStatus): number {
  return partitions.length === 0 ? 0 : Math.min(...partitions.map(({ position }) => position));
}

async function sizeOf(stores: ProjectionSources, build: BuildStatus | undefined): Promise<ProjectionStatus['size']> {
  const tables = build === undefined ? [] : await stores.tableSizes(build);
  return {
    rows: tables.reduce((sum, { rows }) => sum + rows.count, 0),
    estimated: tables.some(({ rows }) => rows.estimated),
    bytes: tables.reduce((sum, { tableBytes, indexBytes }) => sum + tableBytes + indexBytes, 0),
  };
}
