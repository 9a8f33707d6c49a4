import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import type { JsonObject, JsonValue } from '@kiroku/core';
import type { SubjectKey } from './subject-key.ts';

/** What a sealed value is bound to: it opens nowhere else. */
export interface SealedPlace {
  readonly type: string;
  readonly field: string;
  readonly subject: string;
}

/** A value as it stands in the log. */
export interface SealedValue {
  readonly $personal: 1;
  readonly subject: string;
  /** Id of the key. */
  readonly key: string;
  /** Base64 of nonce, tag and ciphertext. */
  readonly value: string;
}

const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

/**
 * Encrypts a value. With an event id the same value becomes the same bytes again, so that a repeated append is recognised; the nonce then
 * follows from what is encrypted too, and is never used for anything else.
 */
export function seal(value: JsonValue, place: SealedPlace, key: SubjectKey, eventId: string | undefined): SealedValue & JsonObject {
  const text = JSON.stringify(value);
  const bound = boundTo(place);
  const nonce = eventId === undefined ? randomBytes(nonceBytes) : nonceFor([bound, eventId.toLowerCase(), text], key);
  const cipher = createCipheriv(algorithm, key.encryption, nonce, { authTagLength: tagBytes }).setAAD(Buffer.from(bound));
  const ciphertext = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  const bytes = Buffer.concat([nonce, cipher.getAuthTag(), ciphertext]);
  return { $personal: 1, subject: place.subject, key: key.id, value: bytes.toString('base64') };
}

/** Decrypts what `seal` made for this place. Throws if it was made for another, with another key, or was altered. */
export function open(sealed: SealedValue, place: SealedPlace, key: SubjectKey): JsonValue {
  const bytes = Buffer.from(sealed.value, 'base64');
  const nonce = bytes.subarray(0, nonceBytes);
  const decipher = createDecipheriv(algorithm, key.encryption, nonce, { authTagLength: tagBytes })
    .setAAD(Buffer.from(boundTo(place)))
    .setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
  const text = Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]);
  return JSON.parse(text.toString()) as JsonValue; // it was made of one, and the tag has been checked
}

export function isSealed(value: unknown): value is SealedValue {
  if (typeof value !== 'object' || value === null) return false;
  const { $personal, subject, key, value: bytes } = value as Readonly<Record<string, unknown>>; // an object's fields may be anything
  return $personal === 1 && typeof subject === 'string' && typeof key === 'string' && typeof bytes === 'string';
}

function boundTo({ type, field, subject }: SealedPlace): string {
  return JSON.stringify(['kiroku.personal.v1', type, field, subject]);
}

function nonceFor(parts: readonly string[], key: SubjectKey): Buffer {
  return createHmac('sha256', key.nonces).update(JSON.stringify(parts)).digest().subarray(0, nonceBytes);
}
