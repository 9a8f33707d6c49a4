import {
  countForPeople,
  countPartitionsAhead,
  createPool,
  type DatabaseName,
  databaseNames,
  migrationStatus,
  type Pool,
  toKirokuError,
} from '@kiroku/postgres';
import type { DatabaseUrls } from '../config/installation.ts';

export interface DatabaseStatus {
  readonly name: DatabaseName;
  readonly reachable: boolean;
  /** Number of the last applied migration, 0 if none is. */
  readonly migration: number;
  /** How many are still to apply. */
  readonly pending: number;
  /** Until it had answered; `undefined` if it did not. */
  readonly latencyMs: number | undefined;
  /** What is wrong. */
  readonly reason: string | undefined;
  /** What will go wrong, or stay as it is, if nothing is done. */
  readonly warning: string | undefined;
}

const timeoutMs = 3_000;

/** How the three databases are; without `urls` because of `reason`, they cannot be told. Never throws because of one of them. */
export function databaseStatuses(urls: DatabaseUrls | { readonly reason: string }): Promise<readonly DatabaseStatus[]> {
  return Promise.all(databaseNames.map(async (name) => ('reason' in urls ? unreachable(name, urls.reason) : statusOf(name, urls[name]))));
}

export function isFaultyDatabase({ reachable, pending, reason }: DatabaseStatus): boolean {
  return !reachable || pending > 0 || reason !== undefined;
}

async function statusOf(name: DatabaseName, url: string): Promise<DatabaseStatus> {
  const askedAt = performance.now();
  try {
    const { applied, pending } = await migrationStatus({ database: name, url, timeoutMs });
    const latencyMs = Math.round((performance.now() - askedAt) * 10) / 10;
    const warning = pending.length === 0 ? await warnings[name]?.(url) : undefined;
    return { name, reachable: true, migration: applied.length, pending: pending.length, latencyMs, reason: undefined, warning };
  } catch (error) {
    const { code, message } = toKirokuError(error);
    return { ...unreachable(name, message), reachable: code !== 'DatabaseUnavailable' };
  }
}

const warnings: { readonly [Name in DatabaseName]?: (url: string) => Promise<string | undefined> } = {
  event_store: (url) =>
    asking(url, async (pool) => {
      if ((await countPartitionsAhead(pool)) > 0) return undefined;
      return 'no partition of events is ready after the present one: run `kiroku db maintain` before it is full, or appends are refused';
    }),
  command_db: (url) =>
    asking(url, async (pool) => {
      const { failed, stuck } = await countForPeople(pool);
      const waiting = [failed > 0 ? `${failed} failed` : '', stuck > 0 ? `${stuck} with a parked command` : ''].filter(
        (each) => each !== '',
      );
      return waiting.length === 0
        ? undefined
        : `sagas wait for people, ${waiting.join(', ')}: \`kiroku saga list --state failed\`, \`--state stuck\``;
    }),
};

async function asking<T>(url: string, ask: (pool: Pool) => Promise<T>): Promise<T> {
  await using pool = createPool({ url, applicationName: 'kiroku-health', max: 1, connectTimeoutMs: timeoutMs, answerTimeoutMs: timeoutMs });
  return await ask(pool);
}

function unreachable(name: DatabaseName, reason: string): DatabaseStatus {
  return { name, reachable: false, migration: 0, pending: 0, latencyMs: undefined, reason, warning: undefined };
}
