import type { Job, JobOutcome } from '@kiroku/core';
import { KirokuError } from '@kiroku/core';

/** Why a run ended before its work: somebody asked, the process stops, or the lease is another's. */
export type Interruption = 'pause' | 'cancel' | 'stop' | 'lost';

/** The graver of two interruptions is the one that counts: who cancels does not want it back because the process stops too. */
export const gravity: { readonly [why in Interruption]: number } = { stop: 0, pause: 1, cancel: 2, lost: 3 };

/** What the interrupted work, and whoever waits for it, is told. */
export function interrupted({ id }: Pick<Job, 'id'>, why: Interruption): KirokuError {
  switch (why) {
    case 'pause':
    case 'stop':
      return new KirokuError('JobInterrupted', `Job ${id} was interrupted. \`kiroku job resume ${id}\` goes on where it stopped.`, {
        details: { id, why },
      });
    case 'cancel':
      return new KirokuError('JobInterrupted', `Job ${id} was cancelled.`, { details: { id, why } });
    case 'lost':
      return new KirokuError('JobLost', `Job ${id} is no longer this process's to run. \`kiroku job show ${id}\` says who has it.`, {
        details: { id, why },
      });
  }
}

/** What becomes of a job whose run was interrupted. */
export function outcomeOf(why: Exclude<Interruption, 'lost'>, whenStopped: 'queued' | 'paused'): JobOutcome {
  return { state: why === 'pause' ? 'paused' : why === 'cancel' ? 'cancelled' : whenStopped };
}
