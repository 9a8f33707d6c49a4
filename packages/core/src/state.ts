import type { DomainEvent } from './event.ts';
import type { EventDefinitions, EventOf } from './event-definition.ts';
import type { SnapshotPolicyOf } from './snapshot.ts';

/** One function per event type: state and event → next state. All types must be there. */
export type Evolve<State, E extends EventDefinitions> = {
  readonly [K in EventOf<E>['type']]: (state: State, event: Extract<EventOf<E>, { readonly type: K }>) => State;
};

/** How an aggregate's state follows from its events: all that another command needs to read it. */
export interface StateDefinition<State, E extends EventDefinitions> {
  /** Stream category. */
  readonly name: string;
  readonly events: E;
  readonly initialState: State;
  readonly evolve: Evolve<State, E>;
  /** Keeps the state of long streams. Default: none is kept. */
  readonly snapshot?: SnapshotPolicyOf<State>;
}

/** What tells states apart, besides where they begin: the table that makes them, and what their events are. */
export interface StateIdentity {
  readonly evolve: object;
  readonly events: object;
}

/** Applies the entry for the event's type, or leaves the value as it is. */
export function applyTable<T>(table: FoldTable<T>, value: T, event: DomainEvent): T {
  const step = table[event.type];
  return step === undefined ? value : step(value, event as never); // the table's key is the event's type
}

/** What `applyTable` takes: a fold or `evolve`, its types forgotten. */
export type FoldTable<T> = { readonly [type: string]: ((value: T, event: never) => T) | undefined };
