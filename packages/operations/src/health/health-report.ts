import { isFaulty, type ProjectionStatus } from '../projection-list/list-projections.ts';
import { type DatabaseStatus, isFaultyDatabase } from '../status/database-statuses.ts';
import { isFaultyWork, type WorkStatus } from './judge-work.ts';
import type { ServiceHealth } from './service-health.ts';

/** What was looked at. */
export interface Looked {
  readonly services: readonly ServiceHealth[];
  readonly databases: readonly DatabaseStatus[];
  /** `undefined`: the databases do not let them be looked at. */
  readonly projections: readonly ProjectionStatus[] | undefined;
  /** What works in the background; `undefined`: the databases do not let it be looked at. */
  readonly work: readonly WorkStatus[] | undefined;
  /** What could not be looked at though the databases can be used. A gateway of before does not tell. */
  readonly unseen?: readonly UnseenPart[];
}

export interface UnseenPart {
  readonly name: 'projections' | 'background work';
  readonly reason: string;
}

/**
 * `unhealthy`: a service is not ready, a database cannot be used, or something stands still, has nobody who runs it, or cannot be looked at.
 * `degraded`: everything serves, but something that a service would like to have is not there, or work is behind.
 */
export type OverallHealth = 'healthy' | 'degraded' | 'unhealthy';

export interface HealthReport extends Looked {
  readonly state: OverallHealth;
  /** Nothing is wrong at all. */
  readonly healthy: boolean;
}

/** Judges what was looked at as a whole. */
export function healthReport(looked: Looked): HealthReport {
  const state = judge(looked);
  return { state, healthy: state === 'healthy', ...looked };
}

function judge({ services, databases, projections, work, unseen = [] }: Looked): OverallHealth {
  const isUnhealthy =
    !services.every(({ ready }) => ready) ||
    databases.some(isFaultyDatabase) ||
    projections?.some((each) => isFaulty(each) || each.unseen !== undefined) ||
    work?.some(isFaultyWork) ||
    unseen.length > 0;
  if (isUnhealthy) return 'unhealthy';
  const isDegraded = services.some(({ state }) => state === 'degraded') || work?.some(({ state }) => state !== 'running');
  return isDegraded ? 'degraded' : 'healthy';
}
