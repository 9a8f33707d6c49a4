import {
  type DomainEvent,
  type EventDefinitions,
  type EventOf,
  type NewEvent,
  type RecordedEvent,
  type StreamName,
  streamName,
  toNewEvent,
} from '@kiroku/core';

/** When everything in a scenario happens, unless it says otherwise. */
export const scenarioTime = '2026-01-01T00:00:00.000Z';

/** The same data, as literals and shared constants have it: nothing in it is written to. */
export type Stated<T> = T extends readonly (infer Item)[]
  ? readonly Stated<Item>[]
  : T extends object
    ? { readonly [K in keyof T]: Stated<T[K]> }
    : T;

/** Events of one stream that a scenario takes as given. */
export interface Past {
  readonly stream: StreamName;
  readonly definitions: EventDefinitions;
  readonly events: readonly DomainEvent[];
}

/** States that these events have happened to an aggregate: `on(category, booksId, { type: 'CategoryCreated', data: { … } })`. */
export function on<E extends EventDefinitions>(
  aggregate: { readonly name: string; readonly events: E },
  id: string,
  ...events: readonly Stated<EventOf<E>>[]
): Past {
  return { stream: streamName(aggregate.name, id), definitions: aggregate.events, events };
}

/** The log that a past makes, in the order it is told. Events that do not fit their schema are refused (`DecisionInvalid`). */
export function recordPast(past: readonly Past[], before: readonly RecordedEvent[] = []): readonly RecordedEvent[] {
  return past.reduce(
    (log, { stream, definitions, events }) =>
      recordEvents(
        log,
        stream,
        events.map((event) => toNewEvent(definitions, event)),
      ),
    before,
  );
}

/** The log with these events appended to a stream, positions and versions following on. */
export function recordEvents(log: readonly RecordedEvent[], stream: StreamName, events: readonly NewEvent[]): readonly RecordedEvent[] {
  const version = log.filter((event) => event.stream === stream).length;
  const recorded = events.map((event, index): RecordedEvent => {
    const position = log.length + index + 1;
    return {
      position,
      stream,
      version: version + index + 1,
      id: event.id ?? scenarioId(position),
      type: event.type,
      schemaVersion: event.schemaVersion ?? 1,
      data: event.data,
      metadata: event.metadata ?? {},
      tags: event.tags ?? [],
      recordedAt: scenarioTime,
    };
  });
  return [...log, ...recorded];
}

/** A UUID that is the same in every run. */
export function scenarioId(number: number): string {
  return `00000000-0000-7000-8000-${number.toString(16).padStart(12, '0')}`;
}
