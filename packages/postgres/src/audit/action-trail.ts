import type { AuditFilter, AuditTrail, RecordedAction, TrailPage } from '@kiroku/core';
import type { Pool } from '../pool.ts';
import { rowsOf } from '../rows-of.ts';
import { type ActionRow, toAction } from './action-row.ts';
import { mostEntries, trailPage } from './trail-page.ts';

/** Entries looked through at once: some 50 ms. */
const span = 20_000;

/** What operators did, in the order of its chain. The pool is the caller's to end. */
export class ActionTrail implements AuditTrail<RecordedAction> {
  readonly #pool: Pool;

  /** `pool`: of command_db. */
  constructor({ pool }: { readonly pool: Pool }) {
    this.#pool = pool;
  }

  async page(filter: AuditFilter, before?: number): Promise<TrailPage<RecordedAction>> {
    const { user, verb, correlationId, outcome, since, until } = filter;
    const heads = await rowsOf<{ chain: string; sequence: number }>(this.#pool, 'audit/read_heads');
    return trailPage({
      first: 1,
      last: heads.find(({ chain }) => chain === 'operators')?.sequence ?? 0,
      before,
      span,
      read: async (from, to) => {
        const values = [from, to, user, verb, correlationId, outcome, since, until, mostEntries];
        const rows = await rowsOf<ActionRow & { sequence: number }>(this.#pool, 'audit/page_actions', values);
        return rows.map((row) => ({ place: row.sequence, at: row.at, entry: toAction(row) }));
      },
      timeAt: async (sequence) => {
        const [row] = await rowsOf<{ recorded_at: string | null }>(this.#pool, 'audit/find_action_time', [sequence]);
        return row?.recorded_at ?? undefined;
      },
    });
  }
}
