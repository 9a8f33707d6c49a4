import type { ReadModelAdvance } from '@kiroku/core';

// pg_notify refuses 8,000 bytes and more
const maxBytes = 7_900;

/** An advance as text of a notification; without the rows if there are too many to tell. */
export function encodeAdvance({ projection, version, position, changed }: ReadModelAdvance): string {
  const text = JSON.stringify({ projection, version, position, changed });
  return Buffer.byteLength(text) <= maxBytes ? text : JSON.stringify({ projection, version, position });
}

/** The advance of a notification; `undefined` for what is none, since every role of the database may notify. */
export function decodeAdvance(text: string): ReadModelAdvance | undefined {
  try {
    const { projection, version, position, changed } = JSON.parse(text) as Partial<ReadModelAdvance>; // checked in the next line
    if (typeof projection !== 'string' || typeof version !== 'number' || typeof position !== 'number') return undefined;
    return { projection, version, position, changed };
  } catch {
    return undefined;
  }
}
