import { KirokuError } from '@kiroku/core';
import type { z } from 'zod';

/** An opaque cursor of a list for a sort key: where to go on after an entry. It names the list, as keys of several look alike. */
export function encodeCursor(list: string, key: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify([list, ...key])).toString('base64url');
}

/** Reads a cursor back. Throws `BadRequest` for one that this list did not give out. */
export function decodeCursor<S extends z.ZodType>(list: string, key: S, cursor: string): z.output<S> {
  const content = parsed(cursor);
  const [name, ...rest] = Array.isArray(content) ? content : [];
  const checked = key.safeParse(rest);
  if (name === list && checked.success) return checked.data;
  const message = 'is not a cursor of this list';
  throw new KirokuError('BadRequest', `"after" ${message}. Pass a cursor that the same list returned, unchanged.`, {
    details: { issues: [{ path: 'after', message }] },
  });
}

function parsed(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
