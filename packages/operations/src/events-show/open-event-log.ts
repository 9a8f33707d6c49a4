import { createPool, findCommandPosition, findCorrelatedEvents, findEventPosition, PostgresEventStore } from '@kiroku/postgres';
import { connectionUrls, type Installation } from '../config/installation.ts';
import type { EventLog } from './show-events.ts';

/** Opens the log of an installation straight from its database, so that it can be read with every service down. */
export async function openEventLog(installation: Installation): Promise<EventLog & AsyncDisposable> {
  const url = (await connectionUrls(installation, 'service')).event_store;
  const pool = createPool({ url, applicationName: 'kiroku-cli', max: 2 });
  const store = new PostgresEventStore({ pool });
  return {
    store,
    findEvent: (id) => findEventPosition(pool, id),
    findCommand: (id) => findCommandPosition(pool, id),
    findCorrelated: (correlationId, limit) => findCorrelatedEvents(pool, correlationId, limit),
    [Symbol.asyncDispose]: async () => {
      await store.stop();
      await pool.end();
    },
  };
}
