import type { AuditEntry, AuditListing, MissingTrail } from '@kiroku/operations';
import colors from 'picocolors';
import { formatTime } from './format-job.ts';
import { shortened } from './shortened.ts';

type CommandEntry = Extract<AuditEntry, { kind: 'command' }>;
type OperatorEntry = Extract<AuditEntry, { kind: 'operator' }>;

// characters in a cell; what is longer stands below, and --json has all
const mostArguments = 60;
const mostBelow = 400;

/** Columns of `kiroku audit`. */
export const auditColumns = ['when', 'who', 'from', 'what', 'outcome', 'note'] as const;

/** A cell for each column, and after these what would be too long for one. */
export function formatAuditRow(entry: AuditEntry): readonly string[] {
  return entry.kind === 'command' ? commandRow(entry) : operatorRow(entry);
}

/** How far was looked, and how to go on. */
export function formatExtent({ entries, since, looked, reached, cursor }: AuditListing): string {
  const back = reached ?? (cursor === undefined ? since : entries.at(-1)?.at);
  const how = `${looked.toLocaleString('en')} events and entries looked through${back === undefined ? '' : `, back to ${formatTime(back)}`}`;
  return cursor === undefined ? `${how}.` : `${how}. There may be more: --cursor ${cursor}`;
}

/** What is not in a listing, and why. */
export function formatMissing({ trail, reason }: MissingTrail): string {
  return `${colors.yellow('!')} ${trails[trail]} could not be read. ${reason}`;
}

const trails: { readonly [trail in MissingTrail['trail']]: string } = {
  accepted: 'Commands that left events',
  unrecorded: 'Commands that left no event',
  actions: 'What operators changed',
};

function commandRow({ at, user, role, sourceAddress, type, stream, outcome, code, durationMs, lost }: CommandEntry): readonly string[] {
  const what = lost === undefined ? `${type ?? '-'}${stream === undefined ? '' : ` ${colors.dim(stream)}`}` : `${lost} entries`;
  const notes = [role, durationMs === undefined ? undefined : `${durationMs.toFixed(1)} ms`];
  return [
    formatTime(at),
    user ?? '-',
    sourceAddress ?? '-',
    what,
    formatOutcome(outcome, code),
    notes.filter((note) => note !== undefined).join(', ') || '-',
  ];
}

function formatOutcome(outcome: CommandEntry['outcome'], code: string | undefined): string {
  const text = code === undefined ? outcome : `${outcome} ${code}`;
  switch (outcome) {
    case 'accepted':
      return colors.green(text);
    case 'unchanged':
    case 'duplicate':
      return text;
    case 'rejected':
    case 'invalid':
      return colors.yellow(text);
    case 'fault':
    case 'lost':
      return colors.red(text);
  }
}

function operatorRow({ at, operator, source, verb, arguments: given, outcome, reason }: OperatorEntry): readonly string[] {
  const told = Object.keys(given).length === 0 ? '' : JSON.stringify(given);
  const isShort = told.length <= mostArguments;
  const what = told !== '' && isShort ? `${verb} ${colors.dim(told)}` : verb;
  const ended = outcome === undefined ? colors.yellow('no end') : outcome.succeeded ? colors.green('done') : colors.red('failed');
  const below = [
    ...(isShort ? [] : [colors.dim(shortened(told, mostBelow))]),
    ...(outcome === undefined || outcome.succeeded ? [] : [colors.red(shortened(outcome.error, mostBelow))]),
  ];
  return [formatTime(at), operator, source ?? '-', what, ended, reason ?? '-', ...below];
}
