import { setTimeout as delay } from 'node:timers/promises';
import { keyMemoryMs } from '@kiroku/engine';
import { forgetSubject, planForget, requireReason, showPrivacy } from '@kiroku/operations';
import { type Command, InvalidArgumentError } from 'commander';
import { isAgreedTo } from '../output/ask.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { forgottenLine, planLines, privacyLines } from '../output/format-privacy.ts';
import { needsYes } from '../output/needs-yes.ts';
import { print, printError, printJson } from '../output/print.ts';
import { installationOf } from './global-options.ts';
import { allOption, notRemote, privacyOptions, subjectArgument } from './privacy-show.ts';

interface ForgetFlags {
  readonly all?: boolean;
  readonly unknown?: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly wait: boolean;
  readonly json?: boolean;
}

export function addPrivacyForget(privacy: Command): void {
  privacy
    .command('forget')
    .description(
      "destroy a person's key for good, remember that, and say where something of the person is left and which commands remove it; needs --reason, and --yes without a terminal; exit code 3 if it was done, and not all could be looked at",
    )
    .argument(...subjectArgument)
    .option(...allOption)
    .option('--unknown', 'even if there is no key, and nothing in the log: nothing personal can be stored under this id any more')
    .option('--yes', 'do not ask')
    .option('--dry-run', 'only say what would be done, and what is left to do then')
    .option('--no-wait', 'do not wait until no running service has the key in memory any more: 10 seconds')
    .option('--json', 'as one JSON document')
    .addHelpText(
      'after',
      `${notRemote}\nThe audit log keeps who did it, when and why for ever, and a digest of the subject: name nobody in --reason. Who was forgotten already stays so, and nothing is noted.`,
    )
    .action(runForget);
}

async function runForget(subject: string, flags: ForgetFlags, command: Command): Promise<void> {
  const { all = false, unknown = false, yes = false, dryRun = false, wait, json = false } = flags;
  const installation = await installationOf(command);
  const { reason } = installation.operator;
  if (reason === undefined && !dryRun) throw new InvalidArgumentError('Nothing brings back what is forgotten, so it needs a --reason.');
  const options = privacyOptions(installation, subject, all);
  const before = await showPrivacy(installation, options);
  if (reason !== undefined) requireReason(reason, subject);
  const isNew = planForget(before, { unknown }) === 'forget';
  if (dryRun) return json ? printJson({ ...before, done: false }) : planLines(before).forEach(print);
  if (isNew && !yes) {
    if (json) printJson({ ...before, done: false });
    else planLines(before).forEach(printError);
    if (!(await isAgreedTo('Forget this person for good?'))) return needsYes('forget this person for good');
  }
  const done = await forgetSubject(installation, { report: before, keys: options.keys, unknown });
  if (done) printError(forgottenLine(wait));
  if (done && wait) await delay(keyMemoryMs);
  const after = await showPrivacy(installation, options);
  if (json) printJson({ ...after, done });
  else for (const line of privacyLines(after)) print(line);
  if (after.unseen.length > 0) process.exitCode = exitCodes.degraded;
}
