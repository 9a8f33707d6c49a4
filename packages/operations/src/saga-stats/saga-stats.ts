import { type ProcessManagerStats, readProcessManagerStats } from '@kiroku/postgres';
import type { Installation } from '../config/installation.ts';
import { withSagas } from '../saga-list/open-sagas.ts';

export interface SagaStats extends ProcessManagerStats {
  /** From 0 to 1: the share of those that came to an end, or failed, that ended whole; absent before the first. */
  readonly completionRate?: number;
}

/** How many sagas there are, and how they ended. */
export async function sagaStats(installation: Installation): Promise<readonly SagaStats[]> {
  const stats = await withSagas(installation, readProcessManagerStats);
  return stats.map((each) => ({ ...each, ...completionRate(each) }));
}

/** The share of the ended sagas that ended whole: everything done, or everything undone. */
export function completionRate({ completed, compensated, failed }: Pick<ProcessManagerStats, 'completed' | 'compensated' | 'failed'>) {
  const ended = completed + compensated + failed;
  return ended === 0 ? {} : { completionRate: (completed + compensated) / ended };
}
