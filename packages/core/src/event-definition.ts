import { KirokuError } from './errors.ts';
import type { DomainEvent, NewEvent, RecordedEvent } from './event.ts';
import type { JsonObject } from './json.ts';
import { checkPersonalFields, type PersonalFields } from './personal-fields.ts';
import { check, type OutputOf, type Schema } from './schema.ts';

/** Turns data of schema version n into data of version n + 1. */
export type Upcaster = (data: JsonObject) => JsonObject;

// `tags` is a method, so that a table may hold different schemas (parameters of methods are compared both ways).
export interface EventDefinition<S extends Schema = Schema> {
  /** The data's schema, at its present version. */
  readonly schema: S;
  /** Present schema version, from 1. Default 1. */
  readonly version?: number;
  /** By the version they start from: `{ 1: v1ToV2, 2: v2ToV3 }`. One for each version before the present. */
  readonly upcasters?: { readonly [fromVersion: number]: Upcaster };
  /** Tags that commands of other streams may ask for. */
  tags?(data: OutputOf<S>): readonly string[];
  /** What of it is about a person, and is stored encrypted. Tags are not: they must not hold anything personal. */
  readonly personal?: PersonalFields;
}

/** An event as it is declared: the personal fields are those of the schema. */
interface EventDeclaration<S extends Schema> extends Omit<EventDefinition<S>, 'personal'> {
  readonly personal?: PersonalFields<OutputOf<S>>;
}

export type EventDefinitions = { readonly [type: string]: EventDefinition };

/** The union of events that `definitions` describe. */
export type EventOf<D> = {
  [K in keyof D & string]: D[K] extends { readonly schema: infer S extends Schema } ? DomainEvent<K, OutputOf<S>> : never;
}[keyof D & string];

/** The same union as events stand in the log, with position, stream and recorded time. */
export type RecordedEventOf<D> = {
  [K in keyof D & string]: D[K] extends { readonly schema: infer S extends Schema } ? RecordedEvent<K, OutputOf<S>> : never;
}[keyof D & string];

/** Declares event types. Every version before the present needs its upcaster. Throws `DefinitionInvalid`. */
export function defineEvents<S extends Record<string, Schema>>(
  declarations: {
    readonly [K in keyof S]: EventDeclaration<S[K]>;
  },
): { readonly [K in keyof S]: EventDefinition<S[K]> } {
  const definitions = declarations as { readonly [K in keyof S]: EventDefinition<S[K]> }; // only the names of the fields are more exact
  for (const [type, { version = 1, upcasters = {}, personal }] of Object.entries<EventDefinition>(definitions)) {
    for (let from = 1; from < version; from++) {
      if (upcasters[from] === undefined) {
        throw new KirokuError(
          'DefinitionInvalid',
          `${type} is at schema version ${version} but has no upcaster from version ${from}. Add upcasters: { ${from}: … }.`,
        );
      }
    }
    if (personal !== undefined) checkPersonalFields(type, personal);
  }
  return definitions;
}

/** Brings a stored event to its present schema version. Throws `UnknownEvent` for a type or a newer version this code does not know. */
export function upcast(definitions: EventDefinitions, event: RecordedEvent): RecordedEvent {
  const definition = definitions[event.type];
  if (definition === undefined) {
    throw unknownEvent(event, `no definition of ${event.type}`);
  }
  const present = definition.version ?? 1;
  if (event.schemaVersion === present) return event;
  if (event.schemaVersion > present) {
    throw unknownEvent(event, `${event.type} is known up to schema version ${present}, the event has ${event.schemaVersion}`);
  }
  let data = event.data;
  for (let from = event.schemaVersion; from < present; from++) {
    const step = definition.upcasters?.[from];
    if (step === undefined) throw unknownEvent(event, `no upcaster of ${event.type} from version ${from}`);
    data = step(data);
  }
  return { ...event, data, schemaVersion: present };
}

/**
 * Checks a decided event against its schema and adds version and tags. Throws `UnknownEvent`, or `DecisionInvalid`: whoever sent the command is no
 * more at fault for it than for any other mistake in the code.
 */
export function toNewEvent(definitions: EventDefinitions, event: DomainEvent): NewEvent {
  const definition = definitions[event.type];
  if (definition === undefined) {
    throw new KirokuError(
      'UnknownEvent',
      `The decision made a ${event.type}, which is not among the defined events. Define it with defineEvents.`,
    );
  }
  const checked = check(definition.schema, event.data);
  if ('issues' in checked) {
    const list = checked.issues.map((issue) => `${issue.path || '(root)'}: ${issue.message}`).join('; ');
    throw new KirokuError('DecisionInvalid', `A decided ${event.type} does not fit its schema: ${list}.`, {
      details: { issues: checked.issues },
    });
  }
  return {
    type: event.type,
    schemaVersion: definition.version ?? 1,
    data: checked.value as JsonObject, // stored as JSON; the adapter refuses what JSON cannot hold
    ...(definition.tags && { tags: definition.tags(checked.value) }),
  };
}

function unknownEvent(event: RecordedEvent, why: string): KirokuError {
  return new KirokuError(
    'UnknownEvent',
    `Cannot read event ${event.position} of ${event.stream}: ${why}. It was written by newer code; deploy that code, or add the definition.`,
    {
      details: { position: event.position, stream: event.stream, type: event.type },
    },
  );
}
