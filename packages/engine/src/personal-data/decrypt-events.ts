import { type EventMetadata, type JsonObject, type JsonValue, KirokuError, type RecordedEvent } from '@kiroku/core';
import { personalMark } from './encrypt-append.ts';
import { fieldAt, withField } from './field-at.ts';
import type { KeyRing } from './key-ring.ts';
import { isSealed, open, type SealedValue } from './sealed-value.ts';
import type { SubjectKey } from './subject-key.ts';

/**
 * The events with their personal fields readable, or replaced by placeholders where the subject was forgotten.
 * What was stored readable stays as it is. Throws `KeyMissing`, `EventDamaged` and what the key store throws.
 */
export async function decryptEvents(events: readonly RecordedEvent[], ring: KeyRing): Promise<readonly RecordedEvent[]> {
  if (!events.some(isMarked)) return events;
  const sealed = new Map(events.filter(isMarked).map((event) => [event, sealedFields(event)]));
  const keyOf = await ring.findFor([...sealed.values()].flatMap((fields) => fields.map(({ value }) => value)));
  return events.map((event) => {
    const fields = sealed.get(event);
    return fields === undefined ? event : decrypted(event, fields, keyOf);
  });
}

/** Stored events with their personal fields as they are read once their subjects are forgotten, so that they can be folded without any key. */
export function hiddenEvents(events: readonly RecordedEvent[]): readonly RecordedEvent[] {
  return events.map((event) => (isMarked(event) ? decrypted(event, sealedFields(event), () => 'forgotten') : event));
}

type KeyOf = (value: SealedValue) => SubjectKey | 'forgotten' | undefined;

interface SealedField {
  readonly field: string;
  readonly value: SealedValue;
  readonly forgotten: JsonValue;
}

function isMarked({ metadata }: RecordedEvent): boolean {
  return metadata[personalMark] !== undefined;
}

function sealedFields(event: RecordedEvent): readonly SealedField[] {
  const marked: unknown = event.metadata[personalMark];
  if (typeof marked !== 'object' || marked === null) throw damaged(event, 'its mark of encrypted fields is no list of them');
  return Object.entries<JsonValue>({ ...marked }).map(([field, forgotten]) => {
    const value = sealedAt(event, field);
    if (!isSealed(value)) throw damaged(event, `${field} is not encrypted, though it was when it was written`);
    return { field, value, forgotten };
  });
}

function sealedAt(event: RecordedEvent, field: string): JsonValue | undefined {
  try {
    return fieldAt(event.data, field);
  } catch {
    return undefined;
  }
}

function decrypted(event: RecordedEvent, fields: readonly SealedField[], keyOf: KeyOf): RecordedEvent {
  const data = fields.reduce((rest: JsonObject, field) => withField(rest, field.field, readable(event, field, keyOf)), event.data);
  const { [personalMark]: _, ...metadata }: EventMetadata = event.metadata;
  return { ...event, data, metadata };
}

function readable(event: RecordedEvent, { field, value, forgotten }: SealedField, keyOf: KeyOf): JsonValue {
  const key = keyOf(value);
  if (key === 'forgotten') return forgotten;
  if (key === undefined) throw missing(event, value, 'is not in the key store, and was not forgotten');
  if (key.id !== value.key) throw missing(event, value, `in the key store is not the one that ${field} was encrypted with`);
  try {
    return open(value, { type: event.type, field, subject: value.subject }, key);
  } catch (cause) {
    throw damaged(event, `${field} does not open with its key`, cause);
  }
}

function missing({ position, stream, type }: RecordedEvent, { subject }: SealedValue, what: string): KirokuError {
  return new KirokuError(
    'KeyMissing',
    `The personal data in event ${position} (${type} of ${stream}) cannot be read: the key of ${subject} ${what}. Put the keys back from a backup: \`kiroku restore keys\`.`,
    { details: { position, stream, type, subject } },
  );
}

function damaged({ position, stream, type }: RecordedEvent, what: string, cause?: unknown): KirokuError {
  return new KirokuError(
    'EventDamaged',
    `Event ${position} (${type} of ${stream}) was altered in the database: ${what}. Run \`kiroku events verify --deep\`.`,
    { details: { position, stream, type }, cause },
  );
}
