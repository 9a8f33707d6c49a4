import type { LogPosition } from '@kiroku/core';
import { FollowedRow, type RowSource } from './followed-row.ts';
import type { Follower } from './follower.ts';

/** Rows that somebody follows. */
export class FollowedRows {
  readonly #rows = new Map<string, FollowedRow<unknown>>();

  /** Subscriptions under way. */
  get followers(): number {
    let count = 0;
    for (const { size } of this.#rows.values()) count += size;
    return count;
  }

  /** Follows the row of this key together with whoever does already. `source` is asked only for the first of them. */
  follow<T>(key: string, source: () => RowSource<T>, atLeast?: LogPosition): Follower<T> {
    const known = this.#rows.get(key) as FollowedRow<T> | undefined; // a key has one kind of row
    if (known !== undefined) return known.follow(atLeast);
    const row: FollowedRow<T> = new FollowedRow(source(), () => {
      if (this.#rows.get(key) === row) this.#rows.delete(key);
    });
    this.#rows.set(key, row);
    return row.follow(atLeast);
  }
}
