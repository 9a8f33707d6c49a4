import type { RowsOf } from '@kiroku/core';
import type { CheckpointWatch } from '@kiroku/engine';
import { type Pool, queryReadModel } from '@kiroku/postgres';
import { branchDays } from './projections.ts';

type Day = RowsOf<typeof branchDays>['day'];

/** The busiest days of a branch; of everything up to `atLeast`, the position that a command was answered with. */
export async function busiestDays({ pool, watch }: { pool: Pool; watch: CheckpointWatch }, branch: string, atLeast = 0) {
  await watch.waitFor([branchDays], atLeast, { timeoutMs: 2_000 });
  return queryReadModel<Day>(pool, branchDays, {
    text: (schema) => `select branch, day, lent, returned from ${schema}.day where branch = $1 order by lent desc limit 10`,
    values: [branch],
  });
}
