import type { LogFork } from '@kiroku/core';

/** A timeline that a restore began. */
export interface LogRestore extends LogFork {
  /** Of the commit that ends at `afterPosition`, 64 hexadecimal digits. */
  readonly hash: string;
  /** ISO 8601, UTC. */
  readonly restoredAt: string;
  /** Id of the backup. */
  readonly backup: string;
  readonly restoredBy: string;
}
