import { type Application, isKirokuError } from '@kiroku/core';
import type { DatabaseUrls } from '../config/installation.ts';
import { openProjectionFigures } from '../config/open-projection-stores.ts';
import { listProjections, type ProjectionStatus } from '../projection-list/list-projections.ts';
import { databaseStatuses } from '../status/database-statuses.ts';
import { type HealthReport, healthReport } from './health-report.ts';
import type { WorkLimits, WorkStatus } from './judge-work.ts';
import { askHealth } from './service-health.ts';
import { WorkWatch } from './work-watch.ts';

export interface HealthSources {
  readonly application: Application;
  /** By name. */
  readonly services: readonly { readonly name: string; readonly url: string }[];
  /** Where the databases are, or why that is not known. */
  readonly databases: DatabaseUrls | { readonly reason: string };
  readonly limits: WorkLimits;
}

const applicationName = 'kiroku-health';
/** As long as a service has to answer. */
const answerTimeoutMs = 5_000;

/** Asks every service, and looks at the databases itself: what is down cannot speak for itself. What cannot be reached is part of the answer. */
export async function lookAtHealth({ application, services, databases, limits }: HealthSources): Promise<HealthReport> {
  const urls = 'reason' in databases ? undefined : databases;
  const [asked, stored, projections, work] = await Promise.all([
    Promise.all(services.map(({ name, url }) => askHealth(name, url))),
    databaseStatuses(databases),
    urls && unlessUnreachable(() => lookAtProjections(urls, application)),
    urls && unlessUnreachable(() => lookAtWork(urls, application, limits)),
  ]);
  return healthReport({ services: asked, databases: stored, projections, work });
}

async function lookAtProjections(databases: DatabaseUrls, application: Application): Promise<readonly ProjectionStatus[]> {
  await using figures = openProjectionFigures(databases, { application, applicationName, answerTimeoutMs });
  return await listProjections(figures);
}

async function lookAtWork(databases: DatabaseUrls, application: Application, limits: WorkLimits): Promise<readonly WorkStatus[]> {
  await using watch = new WorkWatch({ databases, application, limits, applicationName, timeoutMs: answerTimeoutMs });
  return await watch.look();
}

/** A database that cannot be read is told of as such. */
async function unlessUnreachable<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (isKirokuError(error)) return undefined;
    throw error;
  }
}
