import { isKirokuError, parseStreamName, type StreamName } from '@kiroku/core';

/** What people may name: a position, a stream, an id (of an event, a command or a correlation), or a correlation id of another form. */
export type EventReference =
  | { readonly kind: 'position'; readonly position: number }
  | { readonly kind: 'id'; readonly id: string }
  | { readonly kind: 'stream'; readonly stream: StreamName }
  | { readonly kind: 'correlation'; readonly id: string };

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Tells from the text what it names, as far as the text can tell. */
export function parseEventReference(text: string): EventReference {
  if (/^[1-9][0-9]{0,15}$/.test(text) && Number.isSafeInteger(Number(text))) return { kind: 'position', position: Number(text) };
  if (uuid.test(text)) return { kind: 'id', id: text.toLowerCase() };
  try {
    return { kind: 'stream', stream: parseStreamName(text) };
  } catch (error) {
    if (isKirokuError(error, 'EventInvalid')) return { kind: 'correlation', id: text };
    throw error;
  }
}
