import { rowsListedBy } from '@kiroku/core';
import type { CheckpointWatch } from '@kiroku/engine';
import type { Pool } from '@kiroku/postgres';
import { AnswerCache, ReadModelChanges } from '@kiroku/service';
import { branchDays } from './projections.ts';
import { busiestDays } from './reading.ts';

/** The busiest days of branches, each read once until a day of the branch changes. */
export class KeptDays {
  readonly #reading: { readonly pool: Pool; readonly watch: CheckpointWatch };
  readonly #changes = new ReadModelChanges({ projections: [branchDays] });
  readonly #cache = new AnswerCache({ changes: this.#changes, maxBytes: 16_000_000 });

  constructor(reading: { readonly pool: Pool; readonly watch: CheckpointWatch }) {
    this.#reading = reading;
  }

  /** To be called once; until it is, and while nobody is heard, everything is read. */
  async listen(signal: AbortSignal): Promise<void> {
    for await (const news of this.#reading.watch.changes(signal)) this.#changes.hear(news);
    this.#changes.forget();
  }

  async busiest(branch: string, atLeast = 0) {
    await this.#reading.watch.waitFor([branchDays], atLeast, { timeoutMs: 2_000 });
    const { value } = await this.#cache.answer({ key: branch, reads: [branchDays], atLeast }, async () => {
      const { rows, position } = await busiestDays(this.#reading, branch, atLeast);
      const dependencies = [rowsListedBy(branchDays, 'day', 'branch', branch)];
      return { value: rows, position, dependencies, bytes: rows.length * 100 };
    });
    return value;
  }
}
