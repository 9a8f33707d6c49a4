import { isKirokuError, KirokuError } from '@kiroku/core';
import { KeysNotByStream } from '@kiroku/engine';
import type { ThreadFault } from './fold-thread-data.ts';

export function toThreadFault(error: unknown): ThreadFault {
  if (!(error instanceof Error)) return { message: String(error) };
  const { message, stack } = error;
  if (error instanceof KeysNotByStream) return { message, stack, projection: error.projection };
  // what an error tells in its details is plain data
  return isKirokuError(error) ? { message, stack, code: error.code, details: { ...error.details } } : { message, stack };
}

export function fromThreadFault({ message, stack, code, details = {}, projection }: ThreadFault): Error {
  const error =
    projection !== undefined
      ? new KeysNotByStream(projection, message)
      : code === undefined
        ? new Error(message)
        : new KirokuError(code, message, { details });
  return Object.assign(error, stack !== undefined && { stack });
}
