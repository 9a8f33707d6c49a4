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

/** Of one who is about to follow a row. */
export interface Place {
  /** Follows no row after all. */
  leave(): void;
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

  /** Counts from now on, for one who has to wait before it follows. Throws `TooManySubscriptions` if as many follow rows, or will, as may. */
  enter(): Place {
    if (this.#followers >= this.#maxFollowers) {
      this.#onRefused?.();
      throw tooMany(this.#maxFollowers);
    }
    this.#followers++;
    let isTaken = true;
    const leave = (): void => {
      if (isTaken) this.#followers--;
      isTaken = false;
    };
    return { leave };
  }

  /** Follows the row of this key together with whoever does already, in a place that was taken for it. `source` is asked only for the first of them. */
  follow<T>(
    key: string,
    source: () => RowSource<T>,
    { atLeast, place }: { readonly atLeast?: LogPosition | undefined; readonly place: Place },
  ): Follower<T> {
    place.leave(); // its follower counts itself
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
