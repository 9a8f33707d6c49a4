import { openRepository } from '@kiroku/backup';
import { type KeysRestored, planRestoreKeys, restoreKeys } from '@kiroku/operations';
import { type Command, InvalidArgumentError } from 'commander';
import { keysOf } from '../installation/keys-of.ts';
import { isAgreedTo } from '../output/ask.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { keysLines, putCount } from '../output/format-restore-keys.ts';
import { needsYes } from '../output/needs-yes.ts';
import { print, printError, printJson } from '../output/print.ts';
import { installationOf } from './global-options.ts';

interface KeysFlags {
  readonly backup?: string;
  readonly all?: boolean;
  readonly audit: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Of `restore`, which takes them though they stand behind `keys`. */
const others = ['latest', 'at', 'list'] as const;

export function addRestoreKeys(restore: Command): void {
  restore
    .command('keys')
    .description(
      'put keys of personal data back that are lost or damaged, and leave the databases as they are: no whole key is replaced, and nobody who was forgotten is known again; exit code 1 if keys are missing all the same, 3 if that cannot be told',
    )
    .option('--backup <id>', 'of this backup, and of what was kept since (default: of all that is kept)')
    .option('--all', 'look through the whole log for subjects whose keys are missing (default: its last 2,000 events)')
    .option('--yes', 'do not ask')
    .option('--dry-run', 'only say what would be put back')
    .option('--no-audit', 'leave no record in the audit log, and so without command_db')
    .option('--json', 'as one JSON document')
    .action(async (_: KeysFlags, command: Command) => runRestoreKeys(command));
}

async function runRestoreKeys(command: Command): Promise<void> {
  const flags = command.optsWithGlobals<KeysFlags & { readonly [other in (typeof others)[number]]?: unknown }>(); // `restore` has some of them, and takes them
  const strange = others.find((name) => flags[name] !== undefined);
  if (strange !== undefined)
    throw new InvalidArgumentError(`\`kiroku restore keys\` has no --${strange}: it takes keys of --backup <id>, or of all.`);
  const { backup, all = false, audit: audited, yes = false, dryRun = false, json = false } = flags;
  const installation = await installationOf(command);
  const repository = await openRepository(installation.backup.repository);
  const options = { repository, keys: keysOf(installation), backup, all, audited };
  const tell = (report: KeysRestored) => (json ? printJson(report) : keysLines(report).forEach(print));
  const plan = dryRun || !yes ? await planRestoreKeys(installation, options) : undefined;
  if (plan !== undefined && (dryRun || putCount(plan) === 0)) {
    tell(plan);
    if (!dryRun) process.exitCode = exitCodeOf(plan);
    return;
  }
  if (plan !== undefined) {
    if (json) printJson(plan);
    else for (const line of keysLines(plan)) printError(line);
    if (!(await isAgreedTo('Put them back?'))) return needsYes('put them back');
  }
  const report = await restoreKeys(installation, options);
  tell(report);
  process.exitCode = exitCodeOf(report);
}

function exitCodeOf({ missing, put }: KeysRestored): number {
  if (put.damaged.length > 0 || (missing !== undefined && missing.subjects.length > 0)) return exitCodes.failed;
  return missing === undefined ? exitCodes.degraded : exitCodes.ok;
}
