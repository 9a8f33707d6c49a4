import { exitCodes } from './exit-codes.ts';
import { printError } from './print.ts';

/** Of verbs after which something is missing for good. */
export const reasonAndYes = '--reason and --yes';

/**
 * What was asked for was only looked at, for want of --yes: a script must not take it for done. `to`: what would have been, as in `drop them`. `given`:
 * with what it would have been.
 */
export function needsYes(to: string, given = '--yes'): void {
  printError(`Nothing was changed. Add ${given} to ${to}.`);
  process.exitCode = exitCodes.failed;
}
