import {
  type AppendRequest,
  type EventDefinitions,
  type JsonObject,
  type JsonValue,
  jsonFault,
  KirokuError,
  type NewEvent,
  type PersonalFields,
} from '@kiroku/core';
import { fieldAt, withField } from './field-at.ts';
import type { KeyRing } from './key-ring.ts';
import { seal } from './sealed-value.ts';
import type { SubjectKey } from './subject-key.ts';

/** Which fields are encrypted, by event type. */
export type PersonalByType = ReadonlyMap<string, PersonalFields>;

/** In the metadata of an event with encrypted fields: each of them, with what is read in its place once its subject is forgotten. */
export const personalMark = '$personal';

const forgottenText = '(forgotten)';
const subjectLimit = 200;

export function personalByType(aggregates: readonly { readonly events: EventDefinitions }[]): PersonalByType {
  const declared = aggregates.flatMap(({ events }) => Object.entries(events));
  return new Map(declared.flatMap(([type, { personal }]) => (personal === undefined ? [] : [[type, personal] as const])));
}

/** Whether there is anything to encrypt or to refuse. Every append is asked, so it must cost next to nothing. */
export function concernsPersonal({ streams }: AppendRequest, personal: PersonalByType): boolean {
  return streams.some(({ events }) => events.some(({ type, metadata }) => personal.has(type) || metadata?.[personalMark] !== undefined));
}

/** The request with the personal fields of its events encrypted. Throws `EventInvalid`, `DefinitionInvalid` and what the key store throws. */
export async function encryptAppend(request: AppendRequest, personal: PersonalByType, ring: KeyRing): Promise<AppendRequest> {
  const events = request.streams.flatMap((stream) => stream.events);
  events.forEach(requireUnmarked);
  const plans = new Map(events.flatMap((event) => planned(event, personal)));
  if (plans.size === 0) return request;
  const keys = await ring.keysFor([...plans.values()].map(({ subject }) => subject));
  const streams = request.streams.map((stream) => ({ ...stream, events: stream.events.map((event) => encrypted(event, plans, keys)) }));
  return { ...request, streams };
}

interface Plan {
  readonly subject: string;
  readonly values: readonly { readonly field: string; readonly value: JsonValue; readonly forgotten: JsonValue }[];
}

function planned(event: NewEvent, personal: PersonalByType): [NewEvent, Plan][] {
  const declared = personal.get(event.type);
  if (declared === undefined || !isData(event.data)) return []; // the store refuses what is no object
  const values = declared.fields.flatMap((field) => {
    const value = fieldValue(event, field);
    return value === undefined ? [] : [{ field, value, forgotten: placeholder(event, declared, field, value) }];
  });
  return values.length === 0 ? [] : [[event, { subject: subjectOf(event, declared), values }]];
}

function encrypted(event: NewEvent, plans: ReadonlyMap<NewEvent, Plan>, keys: ReadonlyMap<string, SubjectKey>): NewEvent {
  const plan = plans.get(event);
  const key = plan && keys.get(plan.subject);
  if (plan === undefined || key === undefined) return event; // every subject of a plan has a key
  const data = plan.values.reduce(
    (rest, { field, value }) => withField(rest, field, seal(value, { type: event.type, field, subject: plan.subject }, key, event.id)),
    event.data,
  );
  const mark: JsonObject = Object.fromEntries(plan.values.map(({ field, forgotten }) => [field, forgotten]));
  return { ...event, data, metadata: { ...event.metadata, [personalMark]: mark } };
}

function fieldValue(event: NewEvent, field: string): JsonValue | undefined {
  let value: JsonValue | undefined;
  try {
    value = fieldAt(event.data, field);
  } catch (cause) {
    throw new KirokuError(
      'DefinitionInvalid',
      `personal of ${event.type}: ${field} leads through a list or a text. Name the list itself.`,
      {
        cause,
      },
    );
  }
  const fault = value === undefined ? undefined : jsonFault(value, field);
  if (fault === undefined) return value;
  throw invalid(event, `cannot be stored as JSON: ${fault}`);
}

// A default for other kinds would make folds fail long after, when somebody is forgotten.
function placeholder({ type }: NewEvent, { forgotten = {} }: PersonalFields, field: string, value: JsonValue): JsonValue {
  const declared = Object.hasOwn(forgotten, field) ? forgotten[field] : undefined;
  if (declared !== undefined) return declared;
  if (typeof value === 'string' || value === null) return forgottenText;
  throw new KirokuError(
    'DefinitionInvalid',
    `personal of ${type} does not say what is read of ${field} once its subject is forgotten, and a text would not fit it. Add it to "forgotten".`,
  );
}

function subjectOf(event: NewEvent, declared: PersonalFields): string {
  const subject: unknown = declared.subject(event.data);
  if (typeof subject === 'string' && subject !== '' && subject.length <= subjectLimit && jsonFault(subject) === undefined) return subject;
  throw invalid(event, `has personal fields, but no subject of 1 to ${subjectLimit} characters whose they are`);
}

function requireUnmarked(event: NewEvent): void {
  if (event.metadata?.[personalMark] === undefined) return;
  throw invalid(event, `has ${personalMark} in its metadata, which stands for encrypted fields`);
}

function isData(data: unknown): boolean {
  return typeof data === 'object' && data !== null && !Array.isArray(data);
}

function invalid({ type }: NewEvent, what: string): KirokuError {
  return new KirokuError('EventInvalid', `A ${type} ${what}. Nothing was appended.`, { details: { type } });
}
