import { setTimeout as delay } from 'node:timers/promises';
import { isKirokuError } from '@kiroku/core';
import { keyMemoryMs } from '@kiroku/engine';
import { forgetSubject, isRebuild, type PrivacyReport, planForget, requireReason, showPrivacy, toRebuild } from '@kiroku/operations';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { operationsOf } from '../operations/operations.ts';
import { isAgreedTo } from '../output/ask.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { type FollowUp, followUpLine, forgottenLine, planLines, privacyLines } from '../output/format-privacy.ts';
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
  readonly followUp?: boolean;
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
    .addOption(
      new Option(
        '--follow-up',
        'have a running service make the read models anew at once, as `projection rebuild --detach` does',
      ).conflicts('wait'),
    )
    .option('--json', 'as one JSON document')
    .addHelpText(
      'after',
      `${notRemote}\nThe audit log keeps who did it, when and why for ever, and a digest of the subject: name nobody in --reason. Who was forgotten already stays so, and nothing is noted.`,
    )
    .action(runForget);
}

async function runForget(subject: string, flags: ForgetFlags, command: Command): Promise<void> {
  const { all = false, unknown = false, yes = false, dryRun = false, wait, followUp = false, json = false } = flags;
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
  const followed = followUp ? await followedUp(command, after) : undefined;
  tell(after, { done, followed, json });
  if (after.unseen.length > 0 || (followed !== undefined && 'fault' in followed)) process.exitCode = exitCodes.degraded;
}

/** Leaves the read models to a service, once none has the key any more. What was forgotten stays so, whatever comes of it. */
async function followedUp(command: Command, { key, places }: PrivacyReport): Promise<FollowUp | undefined> {
  const names = toRebuild(places);
  if (names.length === 0) return undefined;
  const at = key.state === 'forgotten' && key.at !== undefined ? Date.parse(key.at) : Date.now();
  await delay(Math.max(0, Math.min(keyMemoryMs, at + keyMemoryMs - Date.now())));
  try {
    const operations = await operationsOf(command);
    await operations.planRebuild({ projections: names }); // throws what would stop it
    const { id } = await operations.rebuildProjections({ projections: names });
    return { names, job: id };
  } catch (error) {
    if (!isKirokuError(error)) throw error;
    return { names, fault: error.message };
  }
}

interface Told {
  readonly done: boolean;
  readonly followed: FollowUp | undefined;
  readonly json: boolean;
}

function tell(report: PrivacyReport, { done, followed, json }: Told): void {
  const queued = followed !== undefined && 'job' in followed;
  const left = queued ? { ...report, commands: report.commands.filter((each) => !isRebuild(each)) } : report;
  if (json) {
    printJson({ ...left, done, ...(followed && { followUp: followed }) });
    return;
  }
  for (const line of [...privacyLines(left), ...(followed === undefined ? [] : [followUpLine(followed)])]) print(line);
}
