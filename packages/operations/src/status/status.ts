import { isKirokuError } from '@kiroku/core';
import { countPartitionsAhead, createPool, type DatabaseName, databaseNames, isAlive, migrationStatus } from '@kiroku/postgres';
import { connectionUrls, type Installation, serviceUrls } from '../config/installation.ts';
import type { ProjectionStatus } from '../projection-list/list-projections.ts';
import { lookAtProjections } from '../projection-list/look-at-projections.ts';
import { askReadiness } from '../up/readiness.ts';
import { readSupervisorState, type SupervisorState } from '../up/supervisor-state.ts';

export interface ServiceStatus {
  readonly name: string;
  readonly url: string;
  /** `undefined` if no supervisor here runs it. */
  readonly pid: number | undefined;
  readonly ready: boolean;
  /** Why it is not ready. */
  readonly reason: string | undefined;
  /** ISO 8601. */
  readonly startedAt: string | undefined;
  readonly restarts: number;
}

export interface DatabaseStatus {
  readonly name: DatabaseName;
  readonly reachable: boolean;
  /** Number of the last applied migration, 0 if none is. */
  readonly migration: number;
  /** How many are still to apply. */
  readonly pending: number;
  /** What is wrong. */
  readonly reason: string | undefined;
  /** What will go wrong if nothing is done. */
  readonly warning: string | undefined;
}

export interface Status {
  /** The supervisor that runs here, if one does. */
  readonly supervisor: { readonly pid: number; readonly startedAt: string } | undefined;
  readonly services: readonly ServiceStatus[];
  readonly databases: readonly DatabaseStatus[];
  /** `undefined`: the databases do not let them be looked at. */
  readonly projections: readonly ProjectionStatus[] | undefined;
}

/** Looks at everything of an installation. What cannot be reached is part of the answer, not an error. */
export async function status(installation: Installation): Promise<Status> {
  const state = await readSupervisorState(installation.dataDirectory);
  const running = state !== undefined && isAlive(state.pid) ? state : undefined;
  const [services, databases, projections] = await Promise.all([
    serviceStatuses(installation, running),
    databaseStatuses(installation),
    lookAtProjections(installation),
  ]);
  return { supervisor: running && { pid: running.pid, startedAt: running.startedAt }, services, databases, projections };
}

function serviceStatuses(installation: Installation, running: SupervisorState | undefined): Promise<readonly ServiceStatus[]> {
  const urls = serviceUrls(installation);
  return Promise.all(
    installation.config.services.map(async ({ name }) => {
      const url = urls[name] ?? '';
      const known = running?.services.find((service) => service.name === name);
      const { ready, reason } = await askReadiness(url);
      return { name, url, pid: known?.pid, ready, reason, startedAt: known?.startedAt, restarts: known?.restarts ?? 0 };
    }),
  );
}

async function databaseStatuses(installation: Installation): Promise<readonly DatabaseStatus[]> {
  const urls = await connectionUrls(installation, 'service').catch((error: unknown) =>
    String(error instanceof Error ? error.message : error),
  );
  return Promise.all(
    databaseNames.map(async (name) => {
      if (typeof urls === 'string') return unreachable(name, urls);
      try {
        const { applied, pending } = await migrationStatus({ database: name, url: urls[name] });
        const warning = name === 'event_store' && pending.length === 0 ? await partitionWarning(urls[name]) : undefined;
        return { name, reachable: true, migration: applied.length, pending: pending.length, reason: undefined, warning };
      } catch (error) {
        if (!isKirokuError(error)) throw error;
        return { ...unreachable(name, error.message), reachable: error.code !== 'DatabaseUnavailable' };
      }
    }),
  );
}

async function partitionWarning(url: string): Promise<string | undefined> {
  const pool = createPool({ url, applicationName: 'kiroku-status', max: 1 });
  try {
    if ((await countPartitionsAhead(pool)) > 0) return undefined;
    return 'no partition of events is ready after the present one: run `kiroku db maintain` before it is full, or appends are refused';
  } finally {
    await pool.end();
  }
}

function unreachable(name: DatabaseName, reason: string): DatabaseStatus {
  return { name, reachable: false, migration: 0, pending: 0, reason, warning: undefined };
}
