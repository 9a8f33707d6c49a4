import type { JsonObject, JsonValue } from '../json.ts';

/** What an operator is about to do. */
export interface OperatorAction {
  /** UUIDv7. */
  readonly id: string;
  /** Who: the operating system's user and host, or the name that was given. */
  readonly operator: string;
  /** Where it came from: `command line`, `operations API`. Missing in entries of earlier releases. */
  readonly source?: string;
  /** As on the command line: `migrate`. */
  readonly verb: string;
  readonly arguments: JsonObject;
  readonly reason?: string;
  /** What there was. */
  readonly before?: JsonValue;
  /** Also in what the action wrote, e.g. in the metadata of events. */
  readonly correlationId: string;
}

export type ActionOutcome =
  | { readonly succeeded: true; readonly after?: JsonValue }
  | { readonly succeeded: false; readonly error: string };

export interface RecordedAction extends OperatorAction {
  /** ISO 8601. */
  readonly at: string;
  /** `undefined`: it is under way, or its process was killed. */
  readonly outcome?: ActionOutcome & { readonly at: string };
}

export interface ActionFilter {
  readonly operator?: string;
  readonly verb?: string;
  /** ISO 8601: not before. */
  readonly since?: string;
  /** Only those before this one. */
  readonly before?: ActionPlace;
  readonly limit: number;
}

/** Where a list of actions goes on. */
export type ActionPlace = Pick<RecordedAction, 'at' | 'id'>;

/** What operators did. Entries are added, never changed or removed. */
export interface OperatorAudit {
  /** Records an action before it is done. */
  begin(action: OperatorAction): Promise<void>;
  /** Records how it ended, once. Throws `NotFound` if no such action is under way. */
  end(id: string, outcome: ActionOutcome): Promise<void>;
  /** Latest first. */
  actions(filter: ActionFilter): Promise<readonly RecordedAction[]>;
}
