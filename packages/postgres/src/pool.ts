import pg from 'pg';
import { columnTypes } from './column-values.ts';

export type Pool = pg.Pool;

export interface PoolOptions {
  readonly url: string;
  /** Shown in pg_stat_activity, e.g. `kiroku-command-service`. */
  readonly applicationName: string;
  /** Connections at most. Default 10. */
  readonly max?: number;
  /** How long to wait for a connection, milliseconds. Default 5,000. */
  readonly connectTimeoutMs?: number;
}

// UTC and ISO, so that timestamps read the same everywhere; no JIT, whose compilation costs more than any of our statements. Each statement says by
// which index it is served, whatever its values: planning it anew for them took longer than running it.
const sessionOptions = '-c timezone=UTC -c datestyle=ISO -c jit=off -c plan_cache_mode=force_generic_plan';

/** A pool whose connections read columns as `columnTypes` says. Connects when first used; end it with `end()`. */
export function createPool(options: PoolOptions): Pool {
  const { url, applicationName, max = 10, connectTimeoutMs = 5_000 } = options;
  const pool = new pg.Pool({
    connectionString: url,
    application_name: applicationName,
    max,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    options: sessionOptions,
    types: columnTypes,
  });
  pool.on('error', () => undefined); // an idle connection was lost: the pool drops it and the next query reports what is wrong
  // A server that shuts down may say goodbye in the packet that answers a query, before whoever gets the connection next can listen: unheard,
  // it would end the process. The query under way, or the next, reports what is wrong.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}
