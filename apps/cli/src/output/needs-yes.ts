import { exitCodes } from './exit-codes.ts';
import { printError } from './print.ts';

/** What was asked for was only looked at, for want of --yes: a script must not take it for done. `to`: what would have been, as in `drop them`. */
export function needsYes(to: string): void {
  printError(`Nothing was changed. Add --yes to ${to}.`);
  process.exitCode = exitCodes.failed;
}
