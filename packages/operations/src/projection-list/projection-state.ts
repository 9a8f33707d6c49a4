import type { BuildStatus, VersionStatus } from '@kiroku/core';
import type { BuildUnderWay } from './build-under-way.ts';
import type { Lag } from './projection-lag.ts';

/**
 * `live`: follows the log. `catching up`: follows, but is behind. `stalled`: its owner cannot go on. `orphaned`: nobody holds the lease of a
 * partition. `building`: a job makes the first build. `not built`: this code declares it, and there is nothing to read. `unused`: neither this
 * code nor a process alive declares the version. `unknown`: it is followed, and the log does not say how far it is behind.
 */
export type ProjectionState = 'live' | 'catching up' | 'stalled' | 'paused' | 'orphaned' | 'building' | 'not built' | 'unused' | 'unknown';

/** States that somebody has to do something about. */
export const faultyStates: ReadonlySet<ProjectionState> = new Set(['stalled', 'orphaned', 'not built']);

// a follower that is well is never so far behind; one that has just been taken over is, until it has caught up
const liveWithinSeconds = 5;
// running processes ask for what they may hold once a second: a build that was just switched to has no owner until then
const handOverMs = 5_000;

export interface JudgedVersion {
  readonly version: VersionStatus;
  /** By the code of the installation. */
  readonly declared: boolean;
  /** Of the active build; `undefined` if that is not known. */
  readonly lag: Lag | undefined;
  readonly underWay?: BuildUnderWay | undefined;
  /** Milliseconds since 1970. Default: now. */
  readonly now?: number;
}

interface Judgement {
  readonly state: ProjectionState;
  readonly reason?: string;
}

/** What state a version is in, and why if that is not plain. */
export function projectionState({ version, declared, lag, underWay, now = Date.now() }: JudgedVersion): Judgement {
  const active = version.builds.find((build) => build.active);
  if (!declared && version.instances.length === 0) return { state: 'unused' };
  if (active === undefined) return unread(underWay);
  if (version.pausedAt !== undefined) return { state: 'paused' };
  const stall = stallOf(active);
  if (stall !== undefined) return { state: 'stalled', reason: stall };
  const orphans = active.partitions.filter(({ owner }) => owner === undefined).map(({ partition }) => partition);
  if (orphans.length > 0 && !isHandedOver(version, now))
    return { state: 'orphaned', reason: orphanReason(orphans, active.partitions.length) };
  if (lag === undefined) return { state: 'unknown' };
  return { state: lag.seconds > liveWithinSeconds ? 'catching up' : 'live' };
}

/** Whether its read build has changed just now, and there is a process alive to follow it. */
function isHandedOver({ switchedAt, instances }: VersionStatus, now: number): boolean {
  return instances.length > 0 && switchedAt !== undefined && now - Date.parse(switchedAt) < handOverMs;
}

/** A build that is kept and followed beside the one that is read, and whose owner cannot go on: there is no going back to it. */
export interface StalledBuild {
  readonly build: number;
  readonly reason: string;
}

/** Those of a version that somebody runs. */
export function stalledBuilds({
  version: { builds, instances, pausedAt },
  declared,
}: Omit<JudgedVersion, 'lag' | 'now'>): readonly StalledBuild[] {
  if (pausedAt !== undefined || (!declared && instances.length === 0)) return [];
  return builds
    .filter(({ active, state }) => !active && state === 'ready')
    .flatMap((build) => {
      const reason = stallOf(build);
      return reason === undefined ? [] : [{ build: build.build, reason }];
    });
}

function unread(underWay: BuildUnderWay | undefined): Judgement {
  if (underWay === undefined) return { state: 'not built' };
  const { job } = underWay;
  const ended = job !== undefined && ['failed', 'cancelled', 'done'].includes(job.state);
  return ended ? { state: 'not built', reason: `job ${job.id}, which made it, is ${job.state}` } : { state: 'building' };
}

function stallOf({ partitions }: BuildStatus): string | undefined {
  const stalls = partitions.flatMap(({ partition, stalled }) => (stalled === undefined ? [] : [{ partition, ...stalled }]));
  const [first] = stalls;
  if (first === undefined) return undefined;
  const where = partitions.length === 1 ? '' : `partition ${first.partition}${stalls.length > 1 ? ` and ${stalls.length - 1} more` : ''}: `;
  return `${where}${first.reason} (since ${first.since})`;
}

function orphanReason(orphans: readonly number[], partitions: number): string {
  if (orphans.length === partitions) return 'no running process holds its lease';
  return `no running process holds the lease of partition ${orphans.join(', ')}`;
}
