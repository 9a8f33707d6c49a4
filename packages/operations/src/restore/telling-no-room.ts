import { isKirokuError, KirokuError } from '@kiroku/core';
import type { Installation } from '../config/installation.ts';

/** Throws `RestoreRefused`, with what to do, if `work` fails because a disk is full: under us, or under the server that is restored to. */
export async function tellingNoRoom<T>(
  { dataDirectory, databases }: Pick<Installation, 'dataDirectory' | 'databases'>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isFull(error)) throw error;
    const [disk, or] =
      databases === undefined
        ? [`The disk of ${dataDirectory}`, 'set KIROKU_DATA_DIR to a larger disk']
        : ['The disk of the server, or of what is written on the way to it,', 'restore to a larger one'];
    throw new KirokuError('RestoreRefused', `${disk} is full: what was restored beside what is in use was removed. Make room, or ${or}.`, {
      cause: error,
    });
  }
}

const diskFull = '53100';

function isFull(error: unknown): boolean {
  if (!isKirokuError(error)) return error instanceof Error && 'code' in error && error.code === 'ENOSPC';
  const { sqlState, log } = error.details;
  return sqlState === diskFull || (typeof log === 'string' && log.includes('No space left on device'));
}
