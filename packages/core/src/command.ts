import type { EventMetadata } from './event.ts';
import type { FieldPath } from './personal-fields.ts';
import type { Reads, ReadValues } from './read.ts';
import type { OutputOf, Schema } from './schema.ts';

// Methods, not function properties: their parameters are compared both ways, so a table may hold different schemas.
export interface CommandDefinition<S extends Schema = Schema, R extends Reads = Reads> {
  readonly schema: S;
  /** The aggregate's id, i.e. what follows the hyphen in the stream name. */
  target(data: OutputOf<S>): string;
  /** What else the decision looks at. */
  reads?(data: OutputOf<S>): R;
  /**
   * Its stream is, as a rule, not there yet. It is then decided on the initial state without a look into the log, and only if something is there, on
   * that: it makes no other difference than that of time.
   */
  readonly creates?: boolean;
  /** Shown in the API's documentation. */
  readonly description?: string;
  /** Fields that are about a person, as with events: they never reach a log. Those that an event declares are known without. */
  readonly personal?: readonly string[];
}

export type CommandDefinitions = { readonly [type: string]: CommandDefinition };

/** A request to do something. */
export interface Command<Type extends string = string, Data = unknown> {
  readonly type: Type;
  readonly data: Data;
  /** UUID. The same id takes effect once. */
  readonly id: string;
  /** ISO 8601: when the command was received. Decisions take their time from here. */
  readonly at: string;
  readonly metadata: EventMetadata;
}

/** The union of commands that `definitions` describe. */
export type CommandOf<D> = {
  [K in keyof D & string]: D[K] extends { readonly schema: infer S extends Schema } ? Command<K, OutputOf<S>> : never;
}[keyof D & string];

/** The values of a command's declared reads, as its decision gets them. */
export type ContextOf<Definition> = Definition extends CommandDefinition<Schema, infer R> ? ReadValues<R> : never;

/** Declares a command; the types of its data and of what it reads follow. `const commands = { PlaceOrder: command({ … }) }` */
export function command<S extends Schema, R extends Reads = Record<never, never>>(
  definition: CommandDefinition<S, R> & { readonly personal?: readonly FieldPath<OutputOf<S>>[] },
): CommandDefinition<S, R> {
  return definition;
}
