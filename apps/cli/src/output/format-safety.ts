import type { SafetyStatus } from '@kiroku/operations';
import colors from 'picocolors';

const hourMs = 3_600_000;

/** One line: how old the latest backup and the latest drill are. */
export function formatSafety({ backupAt, drill }: SafetyStatus, now: number): string {
  const backup = backupAt === undefined ? colors.yellow('There was never a backup.') : `Latest backup: ${age(backupAt, now)} ago.`;
  if (drill === undefined) return `${backup} A restore was never tried.`;
  return `${backup} Latest drill: ${age(drill.at, now)} ago, ${outcomeOf(drill)}.`;
}

function outcomeOf({ succeeded, tried }: NonNullable<SafetyStatus['drill']>): string {
  if (succeeded) return 'succeeded';
  return tried ? colors.red('failed') : colors.yellow('could not be tried');
}

function age(at: string, now: number): string {
  const hours = Math.max(0, (now - Date.parse(at)) / hourMs);
  if (hours < 1) return `${Math.floor(hours * 60)} min`;
  return hours < 48 ? `${Math.floor(hours)} h` : `${Math.floor(hours / 24)} days`;
}
