import type { RecordedEvent } from './event.ts';
import { type EventDefinitions, type EventOf, upcast } from './event-definition.ts';
import type { EventQuery } from './event-query.ts';
import { type SnapshotPlan, snapshotPlan } from './snapshot.ts';
import { applyTable, type FoldTable, type StateDefinition, type StateIdentity } from './state.ts';
import { type StreamName, streamName } from './stream.ts';

/** Something a command looks at besides its own stream. The append fails if it has changed since. */
export interface Read<T> {
  readonly source:
    | {
        readonly kind: 'stream';
        readonly stream: StreamName;
        readonly snapshot?: SnapshotPlan;
        /** Reads with the same make the same of the same events. Without it, what one made is of no use to another. */
        readonly identity?: StateIdentity;
      }
    | { readonly kind: 'query'; readonly query: EventQuery };
  readonly initial: T;
  // a method, so that a list may hold reads of different values
  fold(value: T, event: RecordedEvent): T;
}

export interface Reads {
  readonly [name: string]: Read<unknown> | readonly Read<unknown>[];
}

/** What `decide` gets for its declared reads. */
export type ReadValues<R> = {
  readonly [K in keyof R]: R[K] extends Read<infer T> ? T : R[K] extends readonly Read<infer T>[] ? readonly T[] : never;
};

/** A fold given as a table: one function per event type it cares about. */
export type Fold<T, D> = {
  readonly [K in EventOf<D>['type']]?: (value: T, event: Extract<EventOf<D>, { readonly type: K }>) => T;
};

/** The present state of another aggregate. */
export function readAggregate<State, E extends EventDefinitions>(aggregate: StateDefinition<State, E>, id: string): Read<State> {
  const evolve = aggregate.evolve as FoldTable<State>; // its keys are exactly the event types
  const snapshot = snapshotPlan(aggregate);
  const identity = { evolve: aggregate.evolve, events: aggregate.events };
  return {
    source: { kind: 'stream', stream: streamName(aggregate.name, id), identity, ...(snapshot && { snapshot }) },
    initial: aggregate.initialState,
    fold: (state, event) => applyTable(evolve, state, upcast(aggregate.events, event)),
  };
}

/** What the events that match a query amount to, across streams (a dynamic consistency boundary, https://dcb.events). */
export function readEvents<T, const D extends EventDefinitions>(options: {
  readonly events: D;
  readonly query: EventQuery;
  readonly initial: T;
  readonly fold: Fold<T, D>;
}): Read<T> {
  const fold = options.fold as FoldTable<T>; // its keys are event types
  return {
    source: { kind: 'query', query: options.query },
    initial: options.initial,
    fold: (value, event) => applyTable(fold, value, upcast(options.events, event)),
  };
}
