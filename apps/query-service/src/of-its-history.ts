import type { Projection } from '@kiroku/core';
import type { WorkerStatus } from '@kiroku/engine';
import type { HealthCheck } from '@kiroku/service';

/** The check of a projection, after whether it is of another history of the log: that says more than that nobody runs it. */
export function ofItsHistory(
  { name }: Pick<Projection, 'name'>,
  status: () => Pick<WorkerStatus, 'mismatched'>,
  check: HealthCheck,
): HealthCheck {
  return async (signal) => {
    const mismatch = status().mismatched.get(name);
    if (mismatch !== undefined) throw mismatch;
    await check(signal);
  };
}
