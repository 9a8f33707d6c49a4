import pg from 'pg';
import { columnTypes } from './column-values.ts';
import { nameFaults } from './naming-faults.ts';

export type Pool = pg.Pool;

export interface PoolOptions {
  readonly url: string;
  /** Shown in pg_stat_activity, e.g. `kiroku-command-service`. */
  readonly applicationName: string;
  /** Connections at most. Default 10. */
  readonly max?: number;
  /** How long to wait for a connection, milliseconds. Default 5,000. */
  readonly connectTimeoutMs?: number;
  /** How long a statement may take, milliseconds; then its connection is given up. Default: as long as it takes. */
  readonly answerTimeoutMs?: number;
  /** How long a statement may take, milliseconds; then its server ends it, and the connection goes on. Default: as long as it takes. */
  readonly statementTimeoutMs?: number;
  /**
   * How long a transaction may wait for its process, milliseconds; then it is rolled back, so that a process that stands still holds no lock
   * against who takes over. Default: as long as it takes.
   */
  readonly standStillMs?: number;
  /**
   * Statements are planned once, whatever their values: for a service that makes the same small ones all the time, for which planning took longer
   * than running. Default: as PostgreSQL sees fit.
   */
  readonly plansOnce?: boolean;
  /** How long a connection is kept, seconds: what its server has prepared for it goes with it. Default: as long as it is used. */
  readonly lifetimeSeconds?: number;
  /** Statements are sent without waiting for the answers to those before. Default false. */
  readonly pipeline?: boolean;
}

// UTC and ISO, so that timestamps read the same everywhere; no JIT, whose compilation costs more than any of our statements
const sessionOptions = '-c timezone=UTC -c datestyle=ISO -c jit=off';
const planOnce = '-c plan_cache_mode=force_generic_plan';

// A connection that is made anew takes some 15 ms of processor: a process, the password, and every page and plan it looks at for the first
// time. Whoever asks once in a while, as health checks do, must not pay for that each time, nor a burst after a pause.
const idleMs = 300_000;

/** A pool whose connections read columns as `columnTypes` says. Connects when first used; end it with `end()`, or declare it with `await using`. */
export function createPool(options: PoolOptions): Pool & AsyncDisposable {
  const { url, applicationName, max = 10, connectTimeoutMs = 5_000, answerTimeoutMs, lifetimeSeconds, pipeline = false } = options;
  const pool = new pg.Pool({
    connectionString: url,
    application_name: applicationName,
    max,
    connectionTimeoutMillis: connectTimeoutMs,
    ...(answerTimeoutMs !== undefined && { query_timeout: answerTimeoutMs }),
    ...(lifetimeSeconds !== undefined && { maxLifetimeSeconds: lifetimeSeconds }),
    idleTimeoutMillis: idleMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    options: settingsOf(options),
    types: columnTypes,
    pipeline,
  });
  pool.on('error', () => undefined); // an idle connection was lost: the pool drops it and the next query reports what is wrong
  // A server that shuts down may say goodbye in the packet that answers a query, before whoever gets the connection next can listen: unheard,
  // it would end the process. The query under way, or the next, reports what is wrong.
  pool.on('connect', (client) => client.on('error', () => undefined));
  nameFaults(pool, url);
  return Object.assign(pool, { [Symbol.asyncDispose]: () => pool.end() });
}

function settingsOf({ plansOnce = false, standStillMs, statementTimeoutMs }: PoolOptions): string {
  const standStill = standStillMs === undefined ? [] : [`-c idle_in_transaction_session_timeout=${standStillMs}`];
  const ends = statementTimeoutMs === undefined ? [] : [`-c statement_timeout=${statementTimeoutMs}`];
  return [sessionOptions, ...(plansOnce ? [planOnce] : []), ...standStill, ...ends].join(' ');
}
