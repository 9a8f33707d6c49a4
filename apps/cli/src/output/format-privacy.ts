import type { Place, PrivacyReport } from '@kiroku/operations';
import colors from 'picocolors';
import { formatCount } from './format-count.ts';

/** What became of read models that were to be made anew by a service. */
export type FollowUp = { readonly names: readonly string[] } & ({ readonly job: string } | { readonly fault: string });

/** What is known of a subject, and where. */
export function privacyLines(report: PrivacyReport): readonly string[] {
  return [
    ...headLines(report),
    ...placesLines(report, report.key.state === 'forgotten' ? 'Left to do, in this order:' : 'Once the key is destroyed, in this order:'),
  ];
}

/** What `forget` would do. */
export function planLines(report: PrivacyReport): readonly string[] {
  if (report.key.state === 'forgotten') return privacyLines(report);
  const doing = 'The key would be destroyed for good, and nothing personal could be stored under this id any more.';
  return [...headLines(report), doing, ...placesLines(report, 'Then would be left to do, in this order:')];
}

export function forgottenLine(wait: boolean): string {
  const memory = wait
    ? 'Waiting until no running service has it in memory any more: 10 seconds.'
    : 'Running services may have it in memory for 10 seconds: wait that long before what follows, or read models are made with it.';
  return `${colors.green('✓')} The key is destroyed, and that is remembered. ${memory}`;
}

export function followUpLine(followed: FollowUp): string {
  const names = followed.names.join(', ');
  if ('fault' in followed) return `${colors.yellow('!')} ${names} could not be left to a service: ${followed.fault}`;
  return `Job ${followed.job} is queued, which makes ${names} anew: \`kiroku job show ${followed.job}\` follows it. The rest is for when it is done.`;
}

function headLines(report: PrivacyReport): readonly string[] {
  const { subject, digest, log, unseen } = report;
  return [
    `${subject}: ${keyText(report)}`,
    ...(log === undefined ? [] : [logText(log)]),
    `The audit log calls it ${digest}`,
    ...unseen.map((each) => `${colors.yellow('!')} Could not look at ${each}`),
  ];
}

function keyText({ key, consumer, meant }: PrivacyReport): string {
  if (consumer !== undefined) return `no person, but the secret of consumer ${consumer}`;
  switch (key.state) {
    case 'key':
      return key.anotherLost
        ? `has a key; ${colors.red('another one is lost')}, with which a part is encrypted: \`kiroku restore keys\` puts back what a backup has`
        : 'has a key';
    case 'forgotten':
      return `${colors.green('forgotten')}${key.at === undefined ? '' : `, at ${key.at}`}`;
    case 'damaged':
      return `${colors.red('has a key that does not open')}. ${key.reason}`;
    case 'lost':
      return `${colors.red('the key is lost')}, and the log has data of it: \`kiroku restore keys\` puts back what a backup has`;
    case 'unknown':
      return `${colors.yellow('not known')}: there is no key${meant === undefined ? '' : `. Did you mean ${meant}?`}`;
    default:
      return key satisfies never;
  }
}

function logText({ events, types, looked, whole }: NonNullable<PrivacyReport['log']>): string {
  const found = events === 0 ? 'nothing' : `${formatCount(events)} ${events === 1 ? 'event' : 'events'} (${types.join(', ')})`;
  return `In the log: ${found}, in the ${formatCount(looked)} events that were looked at${whole ? '' : '; --all looks at all'}`;
}

function placesLines({ key, consumer, places, commands }: PrivacyReport, heading: string): readonly string[] {
  if (consumer !== undefined || key.state === 'unknown') return [];
  if (places.length === 0) return ['Nothing is known here that may have something of it in the clear.'];
  return [
    '',
    'In the clear it may lie in:',
    ...places.map(placeLine),
    ...(commands.length > 0 ? ['', heading, ...commands.map((command) => `  ${command}`)] : []),
    '',
    'Copies elsewhere, logs, and what is never encrypted: docs/guides/personal-data.md',
  ];
}

function placeLine({ kind, where, holds, until, commands }: Place): string {
  const later = until === undefined ? '' : `; until ${until}${commands.length > 0 ? `, then \`${commands.join('`, `')}\`` : ''}`;
  return `  ${kind} ${colors.bold(where)}: ${holds}${later}`;
}
