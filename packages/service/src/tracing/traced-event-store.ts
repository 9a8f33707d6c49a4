import type { AppendRequest, EventStore } from '@kiroku/core';
import type { Tracing } from './tracing.ts';

/**
 * The same event store, with a span for every append and for what is read in order to decide. An append that came too late fails with
 * `Conflict`, and is followed by another.
 */
export function tracedEventStore(eventStore: EventStore, tracing: Tracing | undefined): EventStore {
  if (tracing === undefined) return eventStore;
  const describe = (operation: string) => ({
    name: `event_store ${operation}`,
    kind: 'client' as const,
    attributes: { 'db.system.name': 'postgresql', 'db.namespace': 'event_store', 'db.operation.name': operation },
  });
  /** What is read for nobody's request, such as by those who follow the log, would be a trace of its own. */
  const whenWithin = <T>(operation: string, work: () => Promise<T>): Promise<T> =>
    tracing.isWithin ? tracing.during(describe(operation), work) : work();
  return {
    append: (request) =>
      tracing.during(describe('append'), async (span) => {
        const streams = request.streams.filter(({ events }) => events.length > 0);
        const events = streams.reduce((sum, each) => sum + each.events.length, 0);
        span.set({ 'kiroku.events': events, 'kiroku.streams': streams.map(({ stream }) => stream) });
        const onSent: AppendRequest['onSent'] = ({ appends, waitedMs }) =>
          span.set({ 'kiroku.batch.appends': appends, 'kiroku.batch.waited_ms': waitedMs });
        const appended = await eventStore.append({ ...request, onSent });
        span.set({ 'kiroku.position': appended.position });
        return appended;
      }),
    readStream: (stream, reading) => whenWithin('read_stream', () => eventStore.readStream(stream, reading)),
    query: (query) => whenWithin('query', () => eventStore.query(query)),
    readLog: (reading) => eventStore.readLog(reading),
    subscribe: (subscribing) => eventStore.subscribe(subscribing),
    head: () => eventStore.head(),
    positionAt: (time) => eventStore.positionAt(time),
    findCommand: (idempotency) => whenWithin('find_command', () => eventStore.findCommand(idempotency)),
  };
}
