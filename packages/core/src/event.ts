import type { JsonObject } from './json.ts';
import type { StreamName } from './stream.ts';

/** Who and what led to an event. All optional; services fill it in. */
export interface EventMetadata {
  /** The command whose decision this is. */
  readonly commandId?: string;
  readonly commandType?: string;
  /** What led to the command: an event or command, if a process manager sent it. */
  readonly commandCausationId?: string;
  /** Shared by everything that follows from one request. */
  readonly correlationId?: string;
  /** The event or command that directly led here. */
  readonly causationId?: string;
  readonly actor?: string;
  /** Groups or roles of the actor. This and the two below stand in the first event of a command alone. */
  readonly role?: string;
  /** The address that the command came from in the first place. */
  readonly sourceAddress?: string;
  /** ISO 8601: when the command was received. */
  readonly receivedAt?: string;
  /** W3C trace context: what follows from the event hangs below this. */
  readonly traceparent?: string;
  readonly tracestate?: string;
  readonly [key: string]: JsonObject | string | number | boolean | undefined;
}

/** The part of an event that decisions and folds look at. */
export interface DomainEvent<Type extends string = string, Data = unknown> {
  readonly type: Type;
  readonly data: Data;
}

/** An event that is about to be appended. */
export interface NewEvent {
  /** UUIDv7; the store gives one if absent. One that is given here is remembered as a command id is: the same event again adds nothing. */
  readonly id?: string;
  readonly type: string;
  /** Version of the data's schema, from 1. Default 1. */
  readonly schemaVersion?: number;
  readonly data: JsonObject;
  readonly metadata?: EventMetadata;
  /** What consistency conditions can ask for, e.g. `category-name:books`. At most 32, each 1 to 250 characters. */
  readonly tags?: readonly string[];
}

/** An event as it stands in the log. */
export interface RecordedEvent<Type extends string = string, Data = JsonObject> extends DomainEvent<Type, Data> {
  /** Position in the whole log: from 1, gapless, in commit order. */
  readonly position: number;
  readonly stream: StreamName;
  /** Version in its stream, from 1. */
  readonly version: number;
  readonly id: string;
  readonly schemaVersion: number;
  readonly metadata: EventMetadata;
  readonly tags: readonly string[];
  /** ISO 8601, UTC, microseconds kept by the store, never before the predecessor's. */
  readonly recordedAt: string;
}
