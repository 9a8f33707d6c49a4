import type { Job, JsonValue } from '@kiroku/core';
import { verifyVerb } from '../events-verify/verify-job.ts';
import { projectionVerifyVerb } from '../projection-verify/projection-verify-job.ts';

/** Whether a job has done its work, and something is wrong: a verification with findings. */
export function foundWrong({ verb }: Pick<Job, 'verb'>, result: JsonValue): boolean {
  if (verb !== verifyVerb && verb !== projectionVerifyVerb) return false;
  return typeof result === 'object' && result !== null && 'total' in result && result.total !== 0;
}
