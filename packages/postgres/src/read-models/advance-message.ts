import type { ReadModelAdvance } from '@kiroku/core';

// pg_notify refuses 8,000 bytes and more
const maxBytes = 7_900;

/** An advance as text of a notification; without the lists if those are too many to tell, and without the rows if they are. */
export function encodeAdvance({ projection, version, build, partition, position, changed, lists, isRead }: ReadModelAdvance): string {
  const where = { projection, version, build, partition, position, isRead };
  for (const told of [{ changed, lists }, { changed }]) {
    const text = JSON.stringify({ ...where, ...told });
    if (Buffer.byteLength(text) <= maxBytes) return text;
  }
  return JSON.stringify(where);
}

/** The advance of a notification; `undefined` for what is none, since every role of the database may notify. */
export function decodeAdvance(text: string): ReadModelAdvance | undefined {
  try {
    const { projection, version, build, partition, position, changed, lists, isRead } = JSON.parse(text) as Partial<ReadModelAdvance>; // checked in the next line
    if (typeof projection !== 'string' || ![version, build, partition, position].every(Number.isSafeInteger)) return undefined;
    return {
      projection,
      version,
      build,
      partition,
      position,
      changed,
      ...(lists && { lists }),
      ...(isRead && { isRead }),
    } as ReadModelAdvance; // all of them were checked
  } catch {
    return undefined;
  }
}
