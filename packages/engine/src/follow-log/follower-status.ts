import type { KirokuError } from '@kiroku/core';

/** `stalled`: it stays where it is and tries again; `error` says why. */
export type FollowerState = 'running' | 'stalled' | 'stopped';

/** How far a consumer of the log is. */
export interface FollowerStatus {
  readonly name: string;
  readonly state: FollowerState;
  /** Position up to which everything is applied; `undefined` while it is not known, as when its checkpoint cannot be read. */
  readonly position: number | undefined;
  /** Why it stalls; a `KirokuError` where the fault has a code. */
  readonly error?: KirokuError | Error;
  /** ISO 8601: when this state began. */
  readonly since: string;
}

/** With its distance from the log's head. */
export interface FollowerProgress extends FollowerStatus {
  /** Events of the log it has not looked at; `undefined` while the log cannot be asked, or the position is not known. */
  readonly lag: number | undefined;
}
