import type { JsonObject } from '../json.ts';

/** How the data of an event type looks at a schema version, in the code of one release. Compatible changes leave a version with several. */
export interface EventSchema {
  readonly type: string;
  readonly version: number;
  /** As JSON Schema; `undefined` if the schema's library cannot express it. */
  readonly jsonSchema: JsonObject | undefined;
  /** The same for the same `jsonSchema`; at most 64 characters. */
  readonly digest: string;
}

/** With what the store knows about it. */
export interface RegisteredSchema extends EventSchema {
  /** Position of the log's head when it was registered first: no event of this version that a registered writer wrote stands before. */
  readonly after: number;
  /** ISO 8601: when code with it started first and last. */
  readonly firstSeen: string;
  readonly lastSeen: string;
}

/** Which event schemas have been in use with a log. */
export interface SchemaRegistry {
  /** By type, version and when it was seen first. */
  list(): Promise<readonly RegisteredSchema[]>;
  /**
   * Calls `judge` with what is registered and records what it returns as seen now, in one transaction that excludes other registrations.
   * One of the same type, version and digest is not recorded twice. What `judge` throws leaves everything as it was.
   */
  register(judge: (known: readonly RegisteredSchema[]) => readonly EventSchema[]): Promise<void>;
  /** Position of the first event of this type with a higher schema version than `version`, among those after position `after`. */
  findNewer(options: { readonly type: string; readonly version: number; readonly after: number }): Promise<number | undefined>;
}
