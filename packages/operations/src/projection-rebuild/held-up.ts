import { isKirokuError, KirokuError } from '@kiroku/core';

const diskFull = '53100';

/** A full disk, which is not tried again: each attempt would fill it to the brim, beside read models that need it. `undefined` for other faults. */
export function heldUp(error: unknown): KirokuError | undefined {
  if (!isKirokuError(error) || error.details.sqlState !== diskFull) return undefined;
  return new KirokuError('RebuildHeldUp', `${error.message} Then \`kiroku job resume\` goes on.`, { cause: error, details: error.details });
}
