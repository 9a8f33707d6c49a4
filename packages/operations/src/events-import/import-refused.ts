import { KirokuError } from '@kiroku/core';

export function importRefused(line: number, reason: string, cause?: unknown): KirokuError {
  return new KirokuError('ImportRefused', `Line ${line} cannot be imported: ${reason}.`, { details: { line }, cause });
}
