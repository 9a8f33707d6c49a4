import { type EventStore, isKirokuError } from '@kiroku/core';
import type { Metrics } from './metrics.ts';

/** The same event store, with its appends timed and their conflicts counted. */
export function observedEventStore(eventStore: EventStore, metrics: Metrics): EventStore {
  const durations = metrics.histogram('appendDuration');
  const conflicts = metrics.counter('conflicts');
  return {
    append: async (request) => {
      const startedAt = performance.now();
      try {
        return await eventStore.append(request);
      } catch (error) {
        if (isKirokuError(error, 'Conflict')) conflicts.inc();
        throw error;
      } finally {
        durations.observe((performance.now() - startedAt) / 1_000);
      }
    },
    readStream: (stream, reading) => eventStore.readStream(stream, reading),
    query: (query) => eventStore.query(query),
    readLog: (reading) => eventStore.readLog(reading),
    subscribe: (subscribing) => eventStore.subscribe(subscribing),
    head: () => eventStore.head(),
    positionAt: (time) => eventStore.positionAt(time),
    findCommand: (idempotency) => eventStore.findCommand(idempotency),
  };
}
