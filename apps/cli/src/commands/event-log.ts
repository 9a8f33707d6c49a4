import { auditedRun, type EventLog, type Installation, openEventLog } from '@kiroku/operations';
import type { Command } from 'commander';
import { keysOf } from '../installation/keys-of.ts';
import { installationOf } from './global-options.ts';

export const revealOption = [
  '--reveal',
  'show personal data, decrypted with the keys of this installation; that it was looked at is noted in the audit log',
] as const;

export interface EventLogUse {
  /** As on the command line: `events show`. */
  readonly verb: string;
  /** What is looked at, for the audit log. */
  readonly arguments: { readonly [name: string]: string | number | boolean | readonly string[] };
  /** Decrypt personal fields. */
  readonly reveal: boolean;
}

/** Opens the log of the command's installation. Looking at personal data is recorded in the audit log, before anything is shown. */
export async function useEventLog(
  command: Command,
  use: EventLogUse,
  action: (log: EventLog, installation: Installation) => Promise<void>,
): Promise<void> {
  const { verb, reveal } = use;
  const installation = await installationOf(command);
  const run = async () => {
    await using log = await openEventLog(installation, reveal ? { keys: keysOf(installation) } : {});
    await action(log, installation);
  };
  if (reveal) await auditedRun(installation, { verb, arguments: { ...use.arguments, reveal }, run });
  else await run();
}
