import type { Application, EventStore, KeyStore } from '@kiroku/core';
import { encryptedEventStore } from '@kiroku/engine';
import { createPool, PostgresEventStore, PostgresMoments } from '@kiroku/postgres';
import type { DatabaseUrls } from '../config/installation.ts';

/** What read models as of a moment are built from, and where. */
export interface ReplayStores {
  /** Its code folds. */
  readonly application: Pick<Application, 'projections'>;
  /** What is folded: decrypted with the installation's keys. */
  readonly events: EventStore;
  readonly moments: PostgresMoments;
}

export interface OpenReplay {
  readonly application: Application;
  /** Of personal data; folds read it. */
  readonly keys: KeyStore;
  /** Shown in pg_stat_activity. Default `kiroku-replay`. */
  readonly applicationName?: string;
}

/** Opens them straight from the databases; connects when first used. */
export function openReplayStores(
  databases: Pick<DatabaseUrls, 'event_store' | 'query_db'>,
  { application, keys, applicationName = 'kiroku-replay' }: OpenReplay,
): ReplayStores & AsyncDisposable {
  const pool = (database: 'event_store' | 'query_db') => createPool({ url: databases[database], applicationName, max: 2 });
  const [eventPool, queryPool] = [pool('event_store'), pool('query_db')];
  const log = new PostgresEventStore({ pool: eventPool });
  return {
    application,
    events: encryptedEventStore(log, { aggregates: application.aggregates, keys }),
    moments: new PostgresMoments({ pool: queryPool }),
    [Symbol.asyncDispose]: async () => {
      await log.stop();
      await Promise.all([eventPool.end(), queryPool.end()]);
    },
  };
}
