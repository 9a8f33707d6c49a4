import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { type LogPosition, laterPosition } from '@kiroku/core';
import { GatewayError } from '../graphql/gateway-error.ts';
import type { ChangeSignal } from '../upstream/change-signal.ts';
import { Follower } from './follower.ts';

export interface RowSource<T> {
  /** When to look, and the position that must be in what is read; until the signal fires. */
  readonly looks: (signal: AbortSignal) => ChangeSignal;
  readonly read: (position: LogPosition) => Promise<T>;
  /** Milliseconds before a read that failed is repeated. Default 1,000. */
  readonly waitMs?: number | undefined;
}

export interface FollowedRowEvents {
  /** Called once, when nobody may join any more. */
  readonly onEnd: () => void;
  /** Told by how many more, or fewer, it is followed. */
  readonly onFollowers?: (more: number) => void;
}

const anywhere: LogPosition = { timeline: 1, position: 0 };

/**
 * A row and everybody who follows it. Each state is read once for all of them: with a read for each, a change of a product that 6,000 followed
 * kept the query service busy for ten seconds. It ends with the last follower, or with a fault that does not pass, which all of them are told.
 */
export class FollowedRow<T> {
  readonly #source: RowSource<T>;
  readonly #events: FollowedRowEvents;
  readonly #ending = new AbortController();
  readonly #looks: ChangeSignal;
  /** With the number of the first read that tells them what is: one that began before they came may not have what changed since. */
  readonly #followers = new Map<Follower<T>, number>();
  #reads = 0;
  #last: { readonly value: T } | undefined;
  /** What has been read: an instance that lags behind must not take anybody back. */
  #position = anywhere;
  #isFollowed = false;

  constructor(source: RowSource<T>, events: FollowedRowEvents) {
    this.#source = source;
    this.#events = events;
    this.#looks = source.looks(this.#ending.signal);
  }

  /** Values as they change: the present one, of `atLeast` if that is known to be true, then each that differs from the one before. */
  follow(atLeast: LogPosition = anywhere): Follower<T> {
    const follower: Follower<T> = new Follower(() => this.#leave(follower));
    this.#followers.set(follower, this.#reads + 1);
    this.#events.onFollowers?.(1);
    this.#looks.raise(laterPosition(this.#position, atLeast));
    if (!this.#isFollowed) void this.#run();
    this.#isFollowed = true;
    return follower;
  }

  #leave(follower: Follower<T>): void {
    if (!this.#followers.delete(follower)) return;
    this.#events.onFollowers?.(-1);
    if (this.#followers.size === 0) this.#close();
  }

  #close(): void {
    if (this.#ending.signal.aborted) return;
    this.#ending.abort();
    this.#events.onEnd();
  }

  async #run(): Promise<void> {
    try {
      await Promise.resolve(); // who joins in the same turn is served by the same read
      for await (const position of this.#looks) this.#tell(++this.#reads, await this.#untilRead(position));
      this.#endAll({});
    } catch (error) {
      this.#endAll({ error });
    }
  }

  #tell(read: number, value: T): void {
    this.#last = this.#last !== undefined && isDeepStrictEqual(this.#last.value, value) ? this.#last : { value };
    for (const [follower, first] of this.#followers) if (read >= first) follower.tell(this.#last.value);
  }

  #endAll(because: { readonly error?: unknown }): void {
    this.#close();
    for (const follower of this.#followers.keys()) follower.end(because);
    this.#events.onFollowers?.(-this.#followers.size);
    this.#followers.clear();
  }

  /** Repeats a read while its fault may pass: a subscriber goes on through the restart of a service. */
  async #untilRead(position: LogPosition): Promise<T> {
    const { read, waitMs = 1_000 } = this.#source;
    const { signal } = this.#ending;
    this.#position = position;
    for (;;) {
      try {
        return await read(position);
      } catch (error) {
        if (signal.aborted || !(error instanceof GatewayError && error.extensions.retryable === true)) throw error;
        await sleep(waitMs * (0.5 + Math.random()), undefined, { signal });
      }
    }
  }
}
