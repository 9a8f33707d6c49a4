import { type Application, isKirokuError } from '@kiroku/core';
import type { DatabaseUrls } from '../config/installation.ts';
import { type OpenProjectionFigures, openProjectionFigures } from '../config/open-projection-stores.ts';
import { listProjections, type ProjectionStatus } from '../projection-list/list-projections.ts';
import { databaseStatuses } from '../status/database-statuses.ts';
import { type HealthReport, healthReport } from './health-report.ts';
import type { WorkLimits, WorkStatus } from './judge-work.ts';
import { askHealth } from './service-health.ts';
import { WorkWatch, type WorkWatchOptions } from './work-watch.ts';

export interface HealthSources {
  readonly application: Application;
  /** By name. */
  readonly services: readonly { readonly name: string; readonly url: string }[];
  /** Where the databases are, or why that is not known. */
  readonly databases: DatabaseUrls | { readonly reason: string };
  readonly limits: WorkLimits;
  /** How long each has to answer, milliseconds. Default: 5 seconds. */
  readonly answerTimeoutMs?: number;
}

const applicationName = 'kiroku-health';

/** Asks every service, and looks at the databases itself: what is down cannot speak for itself. What cannot be reached is part of the answer. */
export async function lookAtHealth(sources: HealthSources): Promise<HealthReport> {
  const { application, services, databases, limits, answerTimeoutMs = 5_000 } = sources;
  const urls = 'reason' in databases ? undefined : databases;
  const [asked, stored, projections, work] = await Promise.all([
    Promise.all(services.map(({ name, url }) => askHealth(name, url, answerTimeoutMs))),
    databaseStatuses(databases),
    urls && unlessUnreachable(() => lookAtProjections(urls, { application, applicationName, answerTimeoutMs })),
    urls && unlessUnreachable(() => lookAtWork({ databases: urls, application, limits, applicationName, timeoutMs: answerTimeoutMs })),
  ]);
  return healthReport({ services: asked, databases: stored, projections, work });
}

async function lookAtProjections(databases: DatabaseUrls, options: OpenProjectionFigures): Promise<readonly ProjectionStatus[]> {
  await using figures = openProjectionFigures(databases, options);
  return await listProjections(figures);
}

async function lookAtWork(options: WorkWatchOptions): Promise<readonly WorkStatus[]> {
  await using watch = new WorkWatch(options);
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
