import { isKirokuError, type KeyStore } from '@kiroku/core';
import { encryptedEventStore, readableEvents } from '@kiroku/engine';
import {
  createPool,
  findCommandPosition,
  findCorrelatedEvents,
  findEventPosition,
  findLastInCategories,
  findLastOfTypes,
  findLastOfTypesIn,
  findSentCommands,
  PostgresEventStore,
} from '@kiroku/postgres';
import { connectionUrls, type Installation } from '../config/installation.ts';
import type { EventLog } from './show-events.ts';

/**
 * Opens the log of an installation straight from its database, so that it can be read with every service down.
 * Personal fields are shown as they are stored; with `keys`, decrypted.
 */
export async function openEventLog(
  installation: Installation,
  { keys }: { readonly keys?: KeyStore } = {},
): Promise<EventLog & AsyncDisposable> {
  const urls = await connectionUrls(installation, 'service');
  const pool = createPool({ url: urls.event_store, applicationName: 'kiroku-cli', max: 2 });
  const commands = createPool({ url: urls.command_db, applicationName: 'kiroku-cli', max: 1 });
  const log = new PostgresEventStore({ pool });
  const readable = keys && readableEvents(keys);
  return {
    store: keys === undefined ? log : encryptedEventStore(log, { aggregates: installation.config.application.aggregates, keys }),
    findEvent: (id) => findEventPosition(pool, id),
    findCommand: (id) => findCommandPosition(pool, id),
    findLast: (wanted) => findLastOfTypes(pool, wanted),
    findLastIn: (wanted) => findLastInCategories(pool, wanted),
    findLastOfIn: (wanted) => findLastOfTypesIn(pool, wanted),
    findCorrelated: async (correlationId, limit) => {
      const events = await findCorrelatedEvents(pool, correlationId, limit);
      return readable === undefined ? events : readable(events);
    },
    findSent: (ids, correlationId) =>
      findSentCommands(commands, ids, correlationId).catch((error: unknown) => {
        if (isKirokuError(error)) return undefined; // the log can be read without the other database
        throw error;
      }),
    [Symbol.asyncDispose]: async () => {
      await log.stop();
      await Promise.all([pool.end(), commands.end()]);
    },
  };
}
