import type { Application, KeyStore } from '@kiroku/core';
import { createPool, databaseClock, PostgresConsumerStore, PostgresEventStore, PostgresOperatorAudit } from '@kiroku/postgres';
import type { DatabaseUrls } from '../config/installation.ts';
import type { ConsumerStores } from './consumer-stores.ts';

export interface OpenConsumerStores {
  readonly application: Pick<Application, 'aggregates'>;
  readonly keys: KeyStore;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
}

/** Opens them straight from the databases; connects when first used. */
export function openConsumerStores(
  databases: Pick<DatabaseUrls, 'event_store' | 'command_db'>,
  { application, keys, applicationName }: OpenConsumerStores,
): ConsumerStores & AsyncDisposable {
  const pool = (database: 'event_store' | 'command_db') => createPool({ url: databases[database], applicationName, max: 2 });
  const [events, consumers, commands] = [pool('event_store'), pool('command_db'), pool('command_db')];
  const log = new PostgresEventStore({ pool: events });
  return {
    application,
    consumers: new PostgresConsumerStore({ pool: consumers }),
    log,
    clock: () => databaseClock(events),
    keys,
    audit: new PostgresOperatorAudit({ pool: commands }),
    [Symbol.asyncDispose]: async () => {
      await log.stop();
      await Promise.all([events, consumers, commands].map((opened) => opened.end()));
    },
  };
}
