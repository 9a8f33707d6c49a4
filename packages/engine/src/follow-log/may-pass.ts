import { isKirokuError } from '@kiroku/core';

/** Whether a follower waits for a fault to pass: one that a retry mends, or a checkpoint of another history, which an operator repairs meanwhile. */
export function mayPass(error: unknown): boolean {
  return isKirokuError(error) && (error.retryable || error.code === 'LogMismatch');
}
