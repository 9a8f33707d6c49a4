import type { Command, CommandDefinitions, CommandOf, ContextOf } from './command.ts';
import { KirokuError } from './errors.ts';
import type { DomainEvent, RecordedEvent } from './event.ts';
import { type EventDefinitions, type EventOf, upcast } from './event-definition.ts';
import type { Rejection } from './rejection.ts';
import { type SnapshotPlan, snapshotPlan } from './snapshot.ts';
import { applyTable, type FoldTable, type StateDefinition, type StateIdentity } from './state.ts';
import { isCategory, type StreamName, streamName } from './stream.ts';

/** What a command leads to: events (none, if there is nothing to do) or a rejection. */
export type Decision<E extends DomainEvent = DomainEvent> = readonly E[] | Rejection;

/** One function per command type: state, command and what it reads → decision. Pure: time and ids come with the command. */
export type Decide<State, C extends CommandDefinitions, E extends EventDefinitions> = {
  readonly [K in CommandOf<C>['type']]: (
    state: State,
    command: Extract<CommandOf<C>, { readonly type: K }>,
    context: ContextOf<C[K]>,
  ) => Decision<EventOf<E>>;
};

export interface AggregateDefinition<State, C extends CommandDefinitions, E extends EventDefinitions> extends StateDefinition<State, E> {
  readonly commands: C;
  readonly decide: Decide<State, C, E>;
}

/** An aggregate whose types are not known here: what the engine works with. */
export interface Aggregate {
  readonly name: string;
  readonly events: EventDefinitions;
  readonly commands: CommandDefinitions;
  readonly initialState: unknown;
  readonly snapshot?: SnapshotPlan;
  /** Reads of its state by other commands have the same. */
  readonly identity?: StateIdentity;
  evolve(state: unknown, event: RecordedEvent): unknown;
  decide(state: unknown, command: Command, context: unknown): Decision;
}

/** An aggregate with its types, usable where only an `Aggregate` is asked for. */
export interface DefinedAggregate<State, C extends CommandDefinitions, E extends EventDefinitions> extends Aggregate {
  readonly events: E;
  readonly commands: C;
  readonly initialState: State;
  readonly definition: AggregateDefinition<State, C, E>;
}

/**
 * Declares an aggregate; the types of `evolve` and `decide` follow from the schemas. Its name is the category of its streams. Throws
 * `DefinitionInvalid` for a name that cannot be one.
 */
export function defineAggregate<State, const C extends CommandDefinitions, const E extends EventDefinitions>(
  definition: AggregateDefinition<State, C, E>,
): DefinedAggregate<State, C, E> {
  requireCategory(definition.name);
  const evolve = definition.evolve as FoldTable<State>; // its keys are exactly the event types
  const decide = definition.decide as DecideTable<State>; // its keys are exactly the command types
  const snapshot = snapshotPlan(definition);
  return {
    name: definition.name,
    events: definition.events,
    commands: definition.commands,
    initialState: definition.initialState,
    definition,
    identity: { evolve: definition.evolve, events: definition.events },
    ...(snapshot && { snapshot }),
    evolve: (state, event) => applyTable(evolve, state as State, upcast(definition.events, event)), // states come from this aggregate alone
    decide: (state, command, context) => {
      const handler = decide[command.type];
      if (handler === undefined) throw unknownCommand(definition.name, command.type);
      return handler(state as State, command as never, context as never); // as above; the command has passed its schema
    },
  };
}

/** The stream a command is decided on. */
export function targetStream(aggregate: Pick<Aggregate, 'name' | 'commands'>, command: Pick<Command, 'type' | 'data'>): StreamName {
  const definition = aggregate.commands[command.type];
  if (definition === undefined) throw unknownCommand(aggregate.name, command.type);
  return streamName(aggregate.name, definition.target(command.data));
}

/** With a hyphen in it, streams would have another category than their aggregate, and two aggregates could share one. */
function requireCategory(name: string): void {
  if (isCategory(name)) return;
  const advice = 'Use letters, digits and _, a letter first, 63 at most: a hyphen is what ends the category in a stream name.';
  throw new KirokuError('DefinitionInvalid', `"${name}" is no name for an aggregate. ${advice}`);
}

function unknownCommand(aggregate: string, type: string): KirokuError {
  return new KirokuError('UnknownCommand', `${aggregate} has no command ${type}.`);
}

type DecideTable<State> = { readonly [type: string]: ((state: State, command: never, context: never) => Decision) | undefined };
