import { openRepository } from '@kiroku/backup';
import { type Installation, type PrivacyOptions, type PrivacyReport, showPrivacy } from '@kiroku/operations';
import type { Command } from 'commander';
import { keysOf } from '../installation/keys-of.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { privacyLines } from '../output/format-privacy.ts';
import { print, printJson } from '../output/print.ts';
import { installationOf } from './global-options.ts';

/** Of both verbs. */
export const subjectArgument = ['<subject>', 'whose data it is: the id that `personal.subject` of the events answers'] as const;
export const allOption = [
  '--all',
  'look through the whole log for the subject (default: its own streams, and the last 2,000 events)',
] as const;
export const notRemote =
  '\nIt works where the key store and the databases are, and not through a gateway: no --remote. Put -- before a subject that begins with a hyphen.';

interface ShowFlags {
  readonly all?: boolean;
  readonly json?: boolean;
}

export function addPrivacyShow(privacy: Command): void {
  privacy
    .command('show')
    .description(
      'show whether a person has a key, was forgotten, or is not known, and where something of the person may lie in the clear; exit code 1 if no key opens the data or nobody is known so, 3 if not all could be looked at',
    )
    .argument(...subjectArgument)
    .option(...allOption)
    .option('--json', 'as one JSON document')
    .addHelpText('after', notRemote)
    .action(async (subject: string, { all = false, json = false }: ShowFlags, command: Command) => {
      const installation = await installationOf(command);
      const report = await showPrivacy(installation, privacyOptions(installation, subject, all));
      if (json) printJson(report);
      else for (const line of privacyLines(report)) print(line);
      process.exitCode = exitCodeOf(report);
    });
}

export function privacyOptions(
  installation: Installation,
  subject: string,
  all: boolean,
): PrivacyOptions & { readonly keys: ReturnType<typeof keysOf> } {
  return { subject, keys: keysOf(installation), repository: () => openRepository(installation.backup.repository), all };
}

function exitCodeOf({ key, unseen }: PrivacyReport): number {
  if (key.state !== 'key' && key.state !== 'forgotten') return exitCodes.failed;
  return unseen.length > 0 ? exitCodes.degraded : exitCodes.ok;
}
