import type { Application, KeyStore } from '@kiroku/core';
import { encryptedEventStore } from '@kiroku/engine';
import {
  createPool,
  databaseClock,
  PostgresEventStore,
  PostgresJobStore,
  PostgresOperatorAudit,
  PostgresReadModelBuilds,
  PostgresReadModelStore,
  projectionSchema,
  readTableSizes,
  requireDeclaredTables,
} from '@kiroku/postgres';
import type { DatabaseUrls } from './installation.ts';
import type { ProjectionSources, ProjectionStores } from './projection-stores.ts';

export interface OpenProjectionSources {
  readonly application: Application;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /** Milliseconds for connecting and for each answer. Default: as long as it takes. */
  readonly answerTimeoutMs?: number;
}

export interface OpenProjectionStores extends OpenProjectionSources {
  /** Of personal data; folds read it. */
  readonly keys: KeyStore;
}

/** Opens them straight from the databases; connects when first used. */
export function openProjectionSources(databases: DatabaseUrls, options: OpenProjectionSources): ProjectionSources & AsyncDisposable {
  const { sources, close } = open(databases, options);
  return { ...sources, [Symbol.asyncDispose]: close };
}

/** Opens them straight from the databases; connects when first used. */
export function openProjectionStores(databases: DatabaseUrls, options: OpenProjectionStores): ProjectionStores & AsyncDisposable {
  const { application, keys } = options;
  const { sources, log, pools, close } = open(databases, options);
  return {
    ...sources,
    events: encryptedEventStore(log, { aggregates: application.aggregates, keys }),
    parked: new PostgresReadModelStore({ pool: pools.query_db }),
    audit: new PostgresOperatorAudit({ pool: pools.command_db }),
    requireDeclaredTables: (model) => requireDeclaredTables(pools.query_db, model),
    [Symbol.asyncDispose]: close,
  };
}

function open(databases: DatabaseUrls, { application, applicationName, answerTimeoutMs }: OpenProjectionSources) {
  const limits = answerTimeoutMs === undefined ? {} : { connectTimeoutMs: answerTimeoutMs, answerTimeoutMs };
  const pool = (database: keyof DatabaseUrls) => createPool({ url: databases[database], applicationName, max: 2, ...limits });
  const pools = { event_store: pool('event_store'), command_db: pool('command_db'), query_db: pool('query_db') };
  const log = new PostgresEventStore({ pool: pools.event_store });
  const sources: ProjectionSources = {
    application,
    log,
    clock: () => databaseClock(pools.event_store),
    builds: new PostgresReadModelBuilds({ pool: pools.query_db }),
    jobs: new PostgresJobStore({ pool: pools.command_db }),
    tableSizes: ({ projection, version, build }) => readTableSizes(pools.query_db, projectionSchema({ name: projection, version }, build)),
  };
  const close = async () => {
    await log.stop();
    await Promise.all(Object.values(pools).map((opened) => opened.end()));
  };
  return { sources, log, pools, close };
}
