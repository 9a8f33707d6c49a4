import type { Job, JobProgress, JobState } from '@kiroku/core';
import type { ShownJob } from '@kiroku/operations';
import colors from 'picocolors';
import { formatDuration } from './duration.ts';
import { formatCount } from './format-count.ts';

/** `12,000 of 50,000 events (24 %)` */
export function formatProgress({ done, total, unit }: JobProgress): string {
  if (total === undefined) return `${formatCount(done)} ${unit}`;
  const percent = total === 0 ? 100 : Math.floor((done / total) * 100);
  return `${formatCount(done)} of ${formatCount(total)} ${unit} (${percent} %)`;
}

/** `1,200/s, 3 min 5 s left` */
export function formatPace({ rate, etaSeconds }: Pick<Job, 'rate' | 'etaSeconds'>): string {
  if (rate === undefined) return '';
  const perSecond = `${rate >= 10 || rate === 0 ? formatCount(Math.round(rate)) : rate.toFixed(1)}/s`;
  return etaSeconds === undefined ? perSecond : `${perSecond}, ${formatDuration(etaSeconds * 1_000)} left`;
}

/** Columns of `kiroku job list`. */
export const jobColumns = ['id', 'job', 'state', 'progress', 'pace', 'created', 'by'] as const;

export function formatJobRow(job: Job): readonly string[] {
  const { id, verb, progress, createdAt, createdBy } = job;
  return [
    id,
    verb,
    formatState(job),
    progress === undefined ? '-' : formatProgress(progress),
    formatPace(job) || '-',
    formatTime(createdAt),
    createdBy,
  ];
}

/** All of it, with the last lines of its log. */
export function formatJob({ job, lines, linesBefore }: ShownJob): string {
  const fields: readonly (readonly [name: string, value: string | undefined])[] = [
    ['state', formatState(job)],
    ['progress', job.progress && formatProgress(job.progress)],
    ['pace', formatPace(job) || undefined],
    ['owner', job.owner],
    ['created', `${formatTime(job.createdAt)} by ${job.createdBy}`],
    ['reason', job.reason],
    ['started', job.startedAt && formatTime(job.startedAt)],
    ['ended', job.endedAt && formatTime(job.endedAt)],
    ['arguments', indented(job.arguments)],
    ['cursor', job.state === 'done' || job.cursor === undefined ? undefined : indented(job.cursor)],
    ['error', job.error],
    ['result', job.result === undefined ? undefined : indented(job.result)],
  ];
  const told = fields.flatMap(([name, value]) => (value === undefined ? [] : [`  ${colors.dim(name.padEnd(9))} ${value}`]));
  const earlier = linesBefore === null ? [] : [`  there is more before: --before ${linesBefore}`];
  const log = [...earlier, ...lines.map(({ at, text }) => `  ${colors.dim(formatTime(at))} ${text}`)];
  return [`${job.id}  ${colors.cyan(job.verb)}`, ...told, ...(log.length > 0 ? ['', ...log] : [])].join('\n');
}

/** `2026-11-24 10:00:00` */
export function formatTime(at: string): string {
  return at.slice(0, 19).replace('T', ' ');
}

function formatState({ state, requested }: Job): string {
  const shown = paint[state](state);
  return requested === undefined ? shown : `${shown}, asked to ${requested}`;
}

const paint: { readonly [state in JobState]: (text: string) => string } = {
  queued: colors.yellow,
  running: colors.cyan,
  paused: colors.yellow,
  done: colors.green,
  failed: colors.red,
  cancelled: colors.dim,
};

function indented(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll('\n', '\n            ');
}
