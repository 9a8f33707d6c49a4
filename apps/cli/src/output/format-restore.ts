import { describeWanted, type RestorePlan, type RestoreSummary } from '@kiroku/operations';
import colors from 'picocolors';
import { formatBytes } from './format-bytes.ts';
import { counted } from './format-count.ts';

/** What a restore would do, before anything is done. */
export function planLines({
  manifest,
  wanted,
  target,
  searches,
  range,
  bytes,
  live,
  eventsAfterBackup,
  notices,
}: RestorePlan): readonly string[] {
  const applied = target.kind === 'end of backup' ? '' : ', and the write-ahead log after it would be applied';
  const lost =
    live === undefined
      ? 'The log in use cannot be read, so what of it would be lost cannot be told.'
      : `The log in use ends at position ${live.position}; ${counted(eventsAfterBackup ?? 0, 'event')} after the backup, of which those after the target would be lost.`;
  return [
    `To restore ${describeWanted(wanted)}, ${formatBytes(bytes)} of backup ${manifest.id} (${manifest.finishedAt}, position ${manifest.head.position}) would be unpacked beside what is in use${applied}.`,
    ...(searches
      ? ['That is to find when the position was committed, which the log in use cannot tell; then it is restored: two recoveries.']
      : []),
    `What can be restored: from ${range.earliest} to ${range.latest}.`,
    lost,
    ...notices.map(warned),
  ];
}

/** What was restored, and what a switch to it means. */
export function summaryLines({
  until,
  position,
  recordedAt,
  timeline,
  eventsLost,
  keysAdded,
  findings,
  notices,
  switching,
}: RestoreSummary): readonly string[] {
  const when = recordedAt === undefined ? '' : `, recorded at ${recordedAt}`;
  const lost =
    eventsLost === undefined
      ? 'what the log in use has after it cannot be told'
      : `the log in use has ${counted(eventsLost, 'event')} after it, which are lost`;
  const left = findings.filter(({ outcome }) => outcome !== 'fixed');
  return [
    `Restored ${until}: the log up to position ${position}${when}, verified; ${lost}.`,
    `It begins timeline ${timeline} of the log. The doctor repaired ${findings.length - left.length} of ${findings.length} findings.`,
    ...left.map(({ code, where, what }) => `${colors.yellow('!')} ${code} (${where}): ${what}`),
    ...(keysAdded > 0
      ? [`${counted(keysAdded, 'key')} of personal data, missing or damaged before, ${keysAdded === 1 ? 'is' : 'are'} back.`]
      : []),
    ...notices.map(warned),
    ...switching,
  ];
}

function warned(notice: string): string {
  return `${colors.yellow('!')} ${notice}`;
}
