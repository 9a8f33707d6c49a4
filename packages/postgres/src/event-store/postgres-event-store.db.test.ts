import { eventStoreContract, throwAwayDatabase } from '@kiroku/testing';
import { migrate } from '../migrate/migrate.ts';
import { PostgresEventStore } from './postgres-event-store.ts';

eventStoreContract('PostgresEventStore', async () => {
  const database = await throwAwayDatabase('event_store', migrate);
  const store = new PostgresEventStore({ url: database.serviceUrl, applicationName: 'kiroku-contract' });
  return Object.assign(store, {
    [Symbol.asyncDispose]: async () => {
      await store.stop();
      await database[Symbol.asyncDispose]();
    },
  });
});
