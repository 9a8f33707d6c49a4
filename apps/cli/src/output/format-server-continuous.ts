import type { EnabledPgBackRest, ServerContinuousStatus } from '@kiroku/operations';
import colors from 'picocolors';
import { formatDuration } from './duration.ts';

/** What enabling came to, and what is to be done next. */
export function enabledLines({ done, toRestart }: EnabledPgBackRest): readonly string[] {
  const said = done.map((line) => `${colors.green('✓')} ${line}`);
  if (toRestart.length === 0) return [...said, 'Now make a backup, which the log goes on from: `kiroku backup create`.'];
  const which = toRestart.join(', ');
  return [...said, `${colors.yellow('!')} ${which}: the server archives from its next start on. Restart it, then call this again.`];
}

/** How far the log of a server is kept. */
export function serverContinuousLines(status: ServerContinuousStatus): readonly string[] {
  const { stanza, handsOver, wal, waiting, lagSeconds, failures, fault, behind } = status;
  if (!handsOver) return [`${colors.red('✗')} ${stanza}: the write-ahead log is not kept. \`kiroku backup continuous enable\` begins.`];
  const waits = waiting === 0 ? 'nothing' : `${waiting}, the oldest for ${formatDuration(lagSeconds * 1_000)}`;
  return [
    behind
      ? `${colors.red('✗')} ${stanza}: the write-ahead log is kept, and is behind.`
      : `${colors.green('✓')} ${stanza}: the write-ahead log is kept.`,
    `  kept      ${wal === undefined ? 'nothing yet' : `${wal.first} to ${wal.last}`}`,
    `  waiting   ${waits}`,
    `  failures  ${failures}`,
    ...(fault === undefined ? [] : [`  pgBackRest says: ${fault}`]),
  ];
}
