import { KirokuError } from '@kiroku/core';
import type { z } from 'zod';

/** An opaque cursor for a sort key: where to go on after an entry. */
export function encodeCursor(key: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** Reads a cursor back. Throws `BadRequest` for one that this list did not give out. */
export function decodeCursor<S extends z.ZodType>(key: S, cursor: string): z.output<S> {
  const checked = key.safeParse(parsed(cursor));
  if (checked.success) return checked.data;
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
