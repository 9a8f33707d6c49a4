import type { CommandDefinitions, CommandOf } from '../command.ts';
import type { EventDefinitions, RecordedEventOf } from '../event-definition.ts';
import type { JsonObject } from '../json.ts';

/** Tries after a refusal or a timeout. */
export interface SagaRetry {
  /** Tries in all. Default 1. */
  readonly attempts?: number;
  /** Milliseconds before the second try. Default 1,000. */
  readonly baseMs?: number;
  /** Milliseconds before any try, at most. Default 30,000. */
  readonly capMs?: number;
  /** How the wait grows from try to try. Default exponential (doubling). */
  readonly growth?: 'constant' | 'linear' | 'exponential';
  /** Rejection codes and failure codes after which another try is useless. */
  readonly notOn?: readonly string[];
}

export interface StepFailure {
  /** The part it is about; not needed if the step has one. */
  readonly part?: string;
  /** What `retry.notOn` is asked for. Default: the event's type. */
  readonly code?: string;
  /** For people. Default: the code. */
  readonly reason?: string;
}

/** What a command may be made of, beside the saga's data. */
export interface SendContext {
  /** The part of the step; `''` if it has one. */
  readonly part: string;
  /** Why everything is undone; `''` on the way forward. */
  readonly reason: string;
}

/** The data is named apart from the union, which TypeScript resolves too early to infer `Data`. */
type SagaCommand<Data, C extends CommandDefinitions> = {
  /** The command's data. Pure. */
  readonly data: (data: Data, context: SendContext) => unknown;
} & {
  [T in CommandOf<C>['type']]: {
    readonly type: T;
    readonly data: (...anything: never) => Extract<CommandOf<C>, { readonly type: T }>['data'];
  };
}[CommandOf<C>['type']];

/** Event type → what it says; `true` where its occurrence says all. */
export type EventTable<E extends EventDefinitions, Said> = {
  readonly [T in RecordedEventOf<E>['type']]?: true | ((event: Extract<RecordedEventOf<E>, { readonly type: T }>) => Said);
};

export interface SagaUndo<Data, E extends EventDefinitions, C extends CommandDefinitions> {
  /** Must be harmless when repeated, and when there is nothing to undo. */
  readonly command: SagaCommand<Data, C>;
  /** Events that say it is undone, with the part they are about. */
  readonly success: EventTable<E, string>;
  /** Does an acceptance that led to no event mean that there was nothing to undo? Default false. */
  readonly nothingIfNoEvents?: boolean;
  /** Rejection codes that mean there is nothing to undo. */
  readonly notNeededOn?: readonly string[];
  /** Milliseconds until it is sent again. Default: it waits. */
  readonly timeoutMs?: number;
  /** After the last try the instance has failed, for people to see. */
  readonly retry?: SagaRetry;
}

export interface SagaStep<Data, E extends EventDefinitions, C extends CommandDefinitions> {
  readonly name: string;
  /** Keys of its parts, each with a command of its own, all sent at once. Default: one part. */
  readonly parts?: (data: Data) => readonly string[];
  /** What its failure is told with, for people. Default: the step's name. */
  readonly title?: (data: Data, part: string) => string;
  /** Tried again it must not take effect twice: the command's id differs, what it asks for is the same. */
  readonly command: SagaCommand<Data, C>;
  /** Events that say it is done, with the part they are about. */
  readonly success: EventTable<E, string>;
  /** Events that say it cannot be done, so that nothing of it stands. A rejected command says so too. */
  readonly failure?: EventTable<E, StepFailure>;
  /** Milliseconds without an answer until it is tried again or, after the last try, everything is undone. Default: it waits for its answer. */
  readonly timeoutMs?: number;
  readonly retry?: SagaRetry;
  /** Undoes it, also when it is not known whether it was done. Default: there is nothing to undo. */
  readonly undo?: SagaUndo<Data, E, C>;
}

export interface SagaDefinition<Data extends JsonObject, E extends EventDefinitions, C extends CommandDefinitions> {
  readonly name: string;
  readonly events: E;
  readonly commands: C;
  /** The instance an event belongs to; `undefined` if it belongs to none. */
  readonly correlate: (event: RecordedEventOf<E>) => string | undefined;
  /** Events that start an instance, with the data that its commands are made of. `Data` is inferred from here: it stands before `learns`, `steps` and `undo`. */
  readonly startsOn: { readonly [T in RecordedEventOf<E>['type']]?: (event: Extract<RecordedEventOf<E>, { readonly type: T }>) => Data };
  /** Event type → the data, with what the event adds. */
  readonly learns?: {
    readonly [T in RecordedEventOf<E>['type']]?: (
      data: NoInfer<Data>,
      event: Extract<RecordedEventOf<E>, { readonly type: T }>,
    ) => NoInfer<Data>;
  };
  /** Events that ask to give up in the middle, with the reason. */
  readonly cancelsOn?: EventTable<E, string>;
  /** Milliseconds from its start until an instance that has not ended is given up; not while a step that nothing undoes is asked for. Default: never. */
  readonly deadlineMs?: number;
  /** One after the other. */
  readonly steps: readonly SagaStep<Data, E, C>[];
  /** Undoes what the start stands for, after everything else. */
  readonly undo?: SagaUndo<Data, E, C>;
}
