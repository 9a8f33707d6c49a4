import type { ProcessManagerStats } from '@kiroku/postgres';
import type { SagaStores } from '../config/saga-stores.ts';

export interface SagaStats extends ProcessManagerStats {
  /** From 0 to 1: the share of those that came to an end, or failed, that ended whole; absent before the first. */
  readonly completionRate?: number;
}

/** How many sagas there are, and how they ended. */
export async function sagaStats({ sagas }: Pick<SagaStores, 'sagas'>): Promise<readonly SagaStats[]> {
  return (await sagas.stats()).map((each) => ({ ...each, ...completionRate(each) }));
}

/** The share of the ended sagas that ended whole: everything done, or everything undone. */
function completionRate({ completed, compensated, failed }: Pick<ProcessManagerStats, 'completed' | 'compensated' | 'failed'>) {
  const ended = completed + compensated + failed;
  return ended === 0 ? {} : { completionRate: (completed + compensated) / ended };
}
