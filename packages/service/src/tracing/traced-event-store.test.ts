import { eventStoreContract, InMemoryEventStore } from '@kiroku/testing';
import { recordedTracing } from './recorded-tracing.test-service.ts';
import { tracedEventStore } from './traced-event-store.ts';

eventStoreContract('a traced event store', async () => {
  const log = new InMemoryEventStore();
  return Object.assign(tracedEventStore(log, recordedTracing().tracing), { [Symbol.asyncDispose]: () => log[Symbol.asyncDispose]() });
});
