import type { Command, CommandDefinitions, CommandOf } from './command.ts';
import { KirokuError } from './errors.ts';
import type { RecordedEvent } from './event.ts';
import { type EventDefinitions, type RecordedEventOf, upcast } from './event-definition.ts';
import type { JsonObject } from './json.ts';
import type { Rejection } from './rejection.ts';

/** A command to send, without the id, time and metadata that the engine adds. */
export type Send<C> = C extends Command<infer Type, infer Data> ? { readonly type: Type; readonly data: Data } : never;
export type Sending = { readonly type: string; readonly data: unknown };

/** What an input leads to. */
export interface Reaction<State, C extends Sending = Sending> {
  readonly state: State;
  readonly commands?: readonly C[];
  /** Nothing more is expected for this instance. */
  readonly done?: boolean;
}

export interface ProcessManagerDefinition<State extends JsonObject, E extends EventDefinitions, C extends CommandDefinitions> {
  readonly name: string;
  readonly events: E;
  readonly commands: C;
  readonly initialState: State;
  /** Event type → the instance's id and the reaction. Pure. Events of unlisted types are not delivered. */
  readonly on: {
    readonly [T in RecordedEventOf<E>['type']]?: {
      /** The instance the event belongs to; `undefined` if it belongs to none. */
      correlate(event: Extract<RecordedEventOf<E>, { readonly type: T }>): string | undefined;
      /** May this event start an instance? Otherwise it is ignored when there is none. Default false. */
      readonly starts?: boolean;
      react(state: State, event: Extract<RecordedEventOf<E>, { readonly type: T }>): Reaction<State, Send<CommandOf<C>>>;
    };
  };
  /** Command type → reaction to its rejection. One that is not listed, or answered with `undefined`, marks the instance as failed. */
  readonly onRejected?: {
    readonly [T in CommandOf<C>['type']]?: (
      state: State,
      rejection: Rejection,
      command: Extract<CommandOf<C>, { readonly type: T }>,
    ) => Reaction<State, Send<CommandOf<C>>> | undefined;
  };
}

/** A process manager whose types are not known here: what the engine works with. */
export interface ProcessManager {
  readonly name: string;
  readonly eventTypes: readonly string[];
  readonly initialState: JsonObject;
  upcast(event: RecordedEvent): RecordedEvent;
  correlate(event: RecordedEvent): string | undefined;
  starts(event: RecordedEvent): boolean;
  react(state: JsonObject, event: RecordedEvent): Reaction<JsonObject>;
  /** `undefined` if the rejection was not provided for. */
  rejected(state: JsonObject, rejection: Rejection, command: Sending): Reaction<JsonObject> | undefined;
}

/** Declares a process manager (saga): events and outcomes of commands in, commands out. */
export function defineProcessManager<State extends JsonObject, const E extends EventDefinitions, const C extends CommandDefinitions>(
  definition: ProcessManagerDefinition<State, E, C>,
): ProcessManager {
  const on = definition.on as unknown as { readonly [type: string]: UntypedEntry | undefined }; // forgets the types, keeps the shape
  const onRejected = (definition.onRejected ?? {}) as { readonly [type: string]: UntypedRejection | undefined }; // likewise
  const entry = (event: RecordedEvent): UntypedEntry => {
    const found = on[event.type];
    if (found === undefined) throw new KirokuError('UnknownEvent', `${definition.name} does not listen to ${event.type}.`);
    return found;
  };
  return {
    name: definition.name,
    eventTypes: Object.keys(on),
    initialState: definition.initialState,
    upcast: (event) => upcast(definition.events, event),
    correlate: (event) => entry(event).correlate(event),
    starts: (event) => entry(event).starts ?? false,
    react: (state, event) => entry(event).react(state, event),
    rejected: (state, rejection, command) => onRejected[command.type]?.(state, rejection, command),
  };
}

interface UntypedEntry {
  correlate(event: RecordedEvent): string | undefined;
  readonly starts?: boolean;
  react(state: JsonObject, event: RecordedEvent): Reaction<JsonObject>;
}
type UntypedRejection = (state: JsonObject, rejection: Rejection, command: Sending) => Reaction<JsonObject> | undefined;
