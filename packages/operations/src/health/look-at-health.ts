import { type Application, isKirokuError } from '@kiroku/core';
import type { DatabaseUrls } from '../config/installation.ts';
import { type OpenProjectionSources, openProjectionSources } from '../config/open-projection-stores.ts';
import { listProjections, type ProjectionStatus } from '../projection-list/list-projections.ts';
import { databaseStatuses, isFaultyDatabase } from '../status/database-statuses.ts';
import { type HealthReport, healthReport, type UnseenPart } from './health-report.ts';
import type { WorkLimits, WorkStatus } from './judge-work.ts';
import { askHealth } from './service-health.ts';
import { toldWork } from './told-work.ts';
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
    urls && seenOrWhyNot(() => lookAtProjections(urls, { application, applicationName, answerTimeoutMs })),
    urls && seenOrWhyNot(() => lookAtWork({ databases: urls, application, limits, applicationName, timeoutMs: answerTimeoutMs })),
  ]);
  // a database that cannot be used is told of as such
  const unseen = stored.some(isFaultyDatabase) ? [] : [...unseenPart('projections', projections), ...unseenPart('background work', work)];
  const seen = work?.seen && toldWork(work.seen, asked);
  return healthReport({ services: asked, databases: stored, projections: projections?.seen, work: seen, unseen });
}

async function lookAtProjections(databases: DatabaseUrls, options: OpenProjectionSources): Promise<readonly ProjectionStatus[]> {
  await using sources = openProjectionSources(databases, options);
  return await listProjections(sources);
}

async function lookAtWork(options: WorkWatchOptions): Promise<readonly WorkStatus[]> {
  await using watch = new WorkWatch(options);
  return await watch.look();
}

interface Look<T> {
  readonly seen?: T;
  readonly reason?: string;
}

async function seenOrWhyNot<T>(look: () => Promise<T>): Promise<Look<T>> {
  try {
    return { seen: await look() };
  } catch (error) {
    if (isKirokuError(error)) return { reason: error.message };
    throw error;
  }
}

function unseenPart(name: UnseenPart['name'], look: Look<unknown> | undefined): readonly UnseenPart[] {
  return look?.reason === undefined ? [] : [{ name, reason: look.reason }];
}
