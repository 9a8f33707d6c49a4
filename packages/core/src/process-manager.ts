import type { Command, CommandDefinitions, CommandOf } from './command.ts';
import { KirokuError } from './errors.ts';
import type { RecordedEvent } from './event.ts';
import { type EventDefinitions, type RecordedEventOf, upcast } from './event-definition.ts';
import type { JsonObject } from './json.ts';
import type { ProcessOutline } from './process-outline.ts';
import type { Rejection } from './rejection.ts';

/** A command to send, without the id, time and metadata that the engine adds. `label` comes back with its outcome. */
export type Send<C> =
  C extends Command<infer Type, infer Data> ? { readonly type: Type; readonly data: Data; readonly label?: string } : never;
export type Sending = { readonly type: string; readonly data: unknown; readonly label?: string };

/**
 * Sets a timer of an instance, instead of one of the same name, or cancels it. `dueInMs` counts from when the reaction is
 * stored, so that a process manager that was behind does not find its deadlines passed; `dueAt` (ISO 8601) is a fixed moment.
 */
export type TimerChange =
  | { readonly name: string; readonly dueInMs: number }
  | { readonly name: string; readonly dueAt: string }
  | { readonly name: string; readonly cancel: true };

/** A timer that has become due: fired late rather than never, and once. */
export interface FiredTimer {
  readonly name: string;
  /** ISO 8601. */
  readonly dueAt: string;
  /** ISO 8601: when it fired. */
  readonly at: string;
}

/** What an accepted command led to. */
export interface Acceptance {
  /** Position of its last event; the log's head if it led to none. */
  readonly position: number;
  /** Types of its events; `undefined` for outcomes stored before these were kept. */
  readonly events?: readonly string[];
}

/** What an input leads to. */
export interface Reaction<State, C extends Sending = Sending> {
  readonly state: State;
  readonly commands?: readonly C[];
  readonly timers?: readonly TimerChange[];
  /** Nothing more is expected for this instance; its timers are cancelled. It still gets what comes late. */
  readonly done?: boolean;
  /** It cannot go on by itself, and why. People see it. */
  readonly failed?: string;
  /** It is at work again, though it was done or had failed. */
  readonly resumed?: boolean;
}

type React<State, C extends CommandDefinitions, Input extends readonly unknown[]> = (
  state: State,
  ...input: Input
) => Reaction<State, Send<CommandOf<C>>>;
type Provide<State, C extends CommandDefinitions, Input extends readonly unknown[]> = (
  state: State,
  ...input: Input
) => Reaction<State, Send<CommandOf<C>>> | undefined;
type SentOf<C extends CommandDefinitions, T> = Extract<Send<CommandOf<C>>, { readonly type: T }>;

export interface ProcessManagerDefinition<State extends JsonObject, E extends EventDefinitions, C extends CommandDefinitions> {
  readonly name: string;
  readonly events: E;
  readonly commands: C;
  readonly initialState: State;
  /** Event type → the instance's id and the reaction. Pure; the time is the event's. Events of unlisted types are not delivered. */
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
    readonly [T in CommandOf<C>['type']]?: Provide<State, C, [rejection: Rejection, command: SentOf<C, T>]>;
  };
  /** Command type → reaction to its acceptance. Its events come as well, sooner or later. */
  readonly onAccepted?: {
    readonly [T in CommandOf<C>['type']]?: Provide<State, C, [acceptance: Acceptance, command: SentOf<C, T>]>;
  };
  /** Reaction to a timer. Needed if timers are set. */
  readonly onTimer?: React<State, C, [timer: FiredTimer]>;
}

/** What an operator may make of an instance; `undefined` if there is nothing of the kind to do. Pure. */
export interface OperatorReactions {
  /** Tries again what it failed at, or what waits for its next try. What `hasFailed` from outside may have lost its timers. */
  retry(state: JsonObject, hasFailed: boolean): Reaction<JsonObject> | undefined;
  /** Gives up and undoes what was done. */
  compensate(state: JsonObject, reason: string): Reaction<JsonObject> | undefined;
  /** Leaves everything as it is, and expects nothing more. */
  close(state: JsonObject, reason: string): Reaction<JsonObject>;
}

/** A process manager whose types are not known here: what the engine works with. */
export interface ProcessManager {
  readonly name: string;
  readonly eventTypes: readonly string[];
  /** Of the commands that it may send. Default: any. */
  readonly commandTypes?: readonly string[];
  readonly initialState: JsonObject;
  upcast(event: RecordedEvent): RecordedEvent;
  correlate(event: RecordedEvent): string | undefined;
  starts(event: RecordedEvent): boolean;
  react(state: JsonObject, event: RecordedEvent): Reaction<JsonObject>;
  /** `undefined` if the rejection was not provided for. */
  rejected(state: JsonObject, rejection: Rejection, command: Sending): Reaction<JsonObject> | undefined;
  /** `undefined` if it means nothing to the instance. */
  accepted(state: JsonObject, acceptance: Acceptance, command: Sending): Reaction<JsonObject> | undefined;
  /** Throws `DefinitionInvalid` if timers were not provided for. */
  fired(state: JsonObject, timer: FiredTimer): Reaction<JsonObject>;
  readonly operator?: OperatorReactions;
  /** Which try of the same a command is, from 1. Default: each is the first. */
  tryOf?(command: Sending): number;
  /** The declared steps, if it is a saga. */
  readonly outline?: ProcessOutline;
}

/** Declares a process manager: events, outcomes of commands and timers in, commands and timers out. */
export function defineProcessManager<State extends JsonObject, const E extends EventDefinitions, const C extends CommandDefinitions>(
  definition: ProcessManagerDefinition<State, E, C>,
): ProcessManager {
  const on = definition.on as unknown as { readonly [type: string]: UntypedEntry | undefined }; // forgets the types, keeps the shape
  const onRejected = (definition.onRejected ?? {}) as { readonly [type: string]: UntypedOutcome<Rejection> | undefined }; // likewise
  const onAccepted = (definition.onAccepted ?? {}) as { readonly [type: string]: UntypedOutcome<Acceptance> | undefined }; // likewise
  const onTimer = definition.onTimer as ((state: JsonObject, timer: FiredTimer) => Reaction<JsonObject>) | undefined; // likewise
  const entry = (event: RecordedEvent): UntypedEntry => {
    const found = on[event.type];
    if (found === undefined) throw new KirokuError('UnknownEvent', `${definition.name} does not listen to ${event.type}.`);
    return found;
  };
  return {
    name: definition.name,
    eventTypes: Object.keys(on),
    commandTypes: Object.keys(definition.commands),
    initialState: definition.initialState,
    upcast: (event) => upcast(definition.events, event),
    correlate: (event) => entry(event).correlate(event),
    starts: (event) => entry(event).starts ?? false,
    react: (state, event) => entry(event).react(state, event),
    rejected: (state, rejection, command) => onRejected[command.type]?.(state, rejection, command),
    accepted: (state, acceptance, command) => onAccepted[command.type]?.(state, acceptance, command),
    fired: (state, timer) => {
      if (onTimer === undefined) {
        throw new KirokuError('DefinitionInvalid', `${definition.name} has set the timer "${timer.name}" but has no onTimer. Add it.`);
      }
      return onTimer(state, timer);
    },
  };
}

interface UntypedEntry {
  correlate(event: RecordedEvent): string | undefined;
  readonly starts?: boolean;
  react(state: JsonObject, event: RecordedEvent): Reaction<JsonObject>;
}
type UntypedOutcome<Outcome> = (state: JsonObject, outcome: Outcome, command: Sending) => Reaction<JsonObject> | undefined;
