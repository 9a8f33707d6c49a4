import { parseStreamName, type StreamName } from '@kiroku/core';

/** What people may name: a position, an event's id, or a stream. */
export type EventReference =
  | { readonly kind: 'position'; readonly position: number }
  | { readonly kind: 'event'; readonly id: string }
  | { readonly kind: 'stream'; readonly stream: StreamName };

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Tells from the text what it names. Throws `EventInvalid` for what can be none of them. */
export function parseEventReference(text: string): EventReference {
  if (/^[1-9][0-9]{0,15}$/.test(text) && Number.isSafeInteger(Number(text))) return { kind: 'position', position: Number(text) };
  if (uuid.test(text)) return { kind: 'event', id: text.toLowerCase() };
  return { kind: 'stream', stream: parseStreamName(text) };
}
