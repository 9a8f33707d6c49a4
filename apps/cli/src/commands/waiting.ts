import { untilHealthy } from '@kiroku/operations';
import type { Command } from 'commander';
import { wholeNumber } from './numbers.ts';

export interface WaitFlags {
  /** Seconds; `true` without a number. */
  readonly wait?: number | true;
  /** Seconds. */
  readonly timeout?: number;
}

const defaultWaitSeconds = 60;

/** `--wait [SECONDS]`, and `--timeout SECONDS`, which wins. */
export function addWaiting(command: Command): Command {
  return command
    .option('--wait [seconds]', `wait until all is healthy, ${defaultWaitSeconds} s at most if no number is given`, wholeNumber(1))
    .option('--timeout <seconds>', 'wait so long at most', wholeNumber(1));
}

/** Looks once or, if asked to, until all is healthy or the time is up. */
export function lookWaiting<T extends { readonly healthy: boolean }>(look: () => Promise<T>, { wait, timeout }: WaitFlags): Promise<T> {
  const asked = timeout ?? (wait === true ? defaultWaitSeconds : wait);
  return untilHealthy(look, (asked ?? 0) * 1_000);
}
