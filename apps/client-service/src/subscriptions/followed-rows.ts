import type { LogPosition } from '@kiroku/core';
import { GatewayError } from '../graphql/gateway-error.ts';
import { FollowedRow, type RowSource } from './followed-row.ts';
import type { Follower } from './follower.ts';

export interface FollowedRowsOptions {
  /** Most who follow one at a time, over all rows. */
  readonly maxFollowers: number;
  /** Called for each who is refused. */
  readonly onRefused?: (() => void) | undefined;
}

/** Rows that somebody follows. */
export class FollowedRows {
  readonly #rows = new Map<string, FollowedRow<unknown>>();
  readonly #maxFollowers: number;
  readonly #onRefused: FollowedRowsOptions['onRefused'];
  #followers = 0;

  constructor({ maxFollowers, onRefused }: FollowedRowsOptions) {
    this.#maxFollowers = maxFollowers;
    this.#onRefused = onRefused;
  }

  /** Subscriptions under way. */
  get followers(): number {
    return this.#followers;
  }

  /**
   * Follows the row of this key together with whoever does already. `source` is asked only for the first of them. Throws `TooManySubscriptions` if
   * as many follow rows as may.
   */
  follow<T>(key: string, source: () => RowSource<T>, atLeast?: LogPosition): Follower<T> {
    if (this.#followers >= this.#maxFollowers) {
      this.#onRefused?.();
      throw tooMany(this.#maxFollowers);
    }
    const known = this.#rows.get(key) as FollowedRow<T> | undefined; // a key has one kind of row
    if (known !== undefined) return known.follow(atLeast);
    const row: FollowedRow<T> = new FollowedRow(source(), {
      onEnd: () => {
        if (this.#rows.get(key) === row) this.#rows.delete(key);
      },
      onFollowers: (more) => {
        this.#followers += more;
      },
    });
    this.#rows.set(key, row);
    return row.follow(atLeast);
  }
}

function tooMany(most: number): GatewayError {
  return new GatewayError(
    `This instance carries ${most} subscriptions, and takes no more (GRAPHQL_MAX_SUBSCRIPTIONS). End some, or repeat it later.`,
    { code: 'TooManySubscriptions', kind: 'fault', retryable: true },
  );
}
