import { KirokuError } from '@kiroku/core';

const name = /^[A-Za-z0-9_][\w.-]*(?:\/[A-Za-z0-9_][\w.-]*)*$/;

/** Throws `BadRequest` for a name that could lead out of the store, or is no name. */
export function checkObjectName(text: string): void {
  if (!name.test(text) || text.length > 512)
    throw new KirokuError('BadRequest', `${JSON.stringify(text)} cannot be the name of a backup or a part of one.`);
}
