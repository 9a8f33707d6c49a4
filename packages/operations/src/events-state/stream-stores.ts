import type { Application, EventStore, KeyStore, OperatorAudit } from '@kiroku/core';
import { createPool, PostgresEventStore, PostgresOperatorAudit } from '@kiroku/postgres';
import type { DatabaseUrls } from '../config/installation.ts';

/** What states of streams are folded from. */
export interface StreamStores {
  /** Its code evolves. */
  readonly application: Pick<Application, 'aggregates'>;
  /** As it is stored: personal fields encrypted. */
  readonly log: EventStore;
  /** Of personal data. */
  readonly keys: KeyStore;
  readonly audit: OperatorAudit;
}

/** Opens them straight from the databases; connects when first used. */
export function openStreamStores(
  databases: Pick<DatabaseUrls, 'event_store' | 'command_db'>,
  { applicationName, ...stores }: Pick<StreamStores, 'application' | 'keys'> & { readonly applicationName: string },
): StreamStores & AsyncDisposable {
  const pool = (database: 'event_store' | 'command_db') => createPool({ url: databases[database], applicationName, max: 2 });
  const [events, commands] = [pool('event_store'), pool('command_db')];
  const log = new PostgresEventStore({ pool: events });
  return {
    ...stores,
    log,
    audit: new PostgresOperatorAudit({ pool: commands }),
    [Symbol.asyncDispose]: async () => {
      await log.stop();
      await Promise.all([events.end(), commands.end()]);
    },
  };
}
