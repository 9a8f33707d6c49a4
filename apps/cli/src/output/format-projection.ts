import type { ParkedKey } from '@kiroku/core';
import {
  arePilingUp,
  type Lag,
  type ProjectionState,
  type ProjectionStatus,
  parkedPlace,
  parkedReference,
  type SettledKey,
  type ShownBuild,
  type ShownProjection,
  type ShownVersion,
} from '@kiroku/operations';
import colors from 'picocolors';
import { formatDuration } from './duration.ts';
import { formatBytes } from './format-bytes.ts';
import { counted, formatCount } from './format-count.ts';
import { formatPace, formatProgress, formatTime } from './format-job.ts';

/** Columns of `kiroku projection list`. */
export const projectionColumns = ['projection', 'version', 'build', 'state', 'behind', 'parked', 'rows', 'size', 'owner'] as const;

/** A cell for each column, and after these the reasons. */
export function formatProjectionRow(status: ProjectionStatus): readonly string[] {
  const { projection, version, activeBuild, parkedKeys, owners, size } = status;
  const built = activeBuild !== undefined;
  return [
    projection,
    String(version),
    built ? String(activeBuild) : '-',
    formatBriefState(status),
    built ? formatBehind(status) : '-',
    parkedKeys === 0 ? '-' : colors.red(formatCount(parkedKeys)),
    built ? formatRows({ count: size.rows, estimated: size.estimated }) : '-',
    built ? formatBytes(size.bytes) : '-',
    owners.join(', ') || '-',
    ...formatStateReasons(status),
  ];
}

type FormattedState = Pick<
  ProjectionStatus,
  'projection' | 'version' | 'declared' | 'state' | 'reason' | 'underWay' | 'pausedAt' | 'stalledBuilds' | 'spareBuilds'
>;

/** `live, building 2; build 1 stalled; 9 spare builds`: why, is told by `formatStateReasons`. */
export function formatBriefState({ state, underWay, stalledBuilds = [], spareBuilds = [] }: FormattedState): string {
  const building = underWay === undefined ? '' : `${state === 'building' ? '' : ', building'} ${underWay.build}`;
  const stalled = stalledBuilds.length === 0 ? '' : colors.red(`; build ${stalledBuilds.map(({ build }) => build).join(', ')} stalled`);
  const piled = arePilingUp(spareBuilds) ? colors.yellow(`; ${spareBuilds.length} spare builds`) : '';
  return `${paint[state](state)}${building}${stalled}${piled}`;
}

/** What the brief state leaves out, a line each: since when and why, how far a build is, which builds are stalled or needed no more. */
export function formatStateReasons(status: FormattedState): readonly string[] {
  const { projection, version, declared, state, reason, underWay, pausedAt, stalledBuilds = [], spareBuilds = [] } = status;
  const since = state === 'paused' && pausedAt !== undefined ? `since ${formatTime(pausedAt)}` : undefined;
  const why = [since, reason].filter((part) => part !== undefined).join(': ');
  const far = underWay === undefined ? '' : formatFar(underWay.job);
  const which = declared ? projection : `${projection} --version ${version}`;
  return [
    ...(why === '' ? [] : [paint[state](why)]),
    ...(far === '' ? [] : [`build ${underWay?.build}: ${far}`]),
    ...stalledBuilds.map((each) => colors.red(`build ${each.build} is stalled: ${each.reason}`)),
    ...(arePilingUp(spareBuilds)
      ? [colors.yellow(`${spareBuilds.length} spare builds: \`kiroku projection retire ${which} --yes\` drops them`)]
      : []),
  ];
}

function formatFar(job: NonNullable<FormattedState['underWay']>['job']): string {
  const progress = job?.progress === undefined ? [] : [formatProgress(job.progress), formatPace(job)];
  return [...(job === undefined || job.state === 'running' ? [] : [job.state]), ...progress].filter((part) => part !== '').join('  ');
}

/** `?` if it is not known. */
function formatBehind({ lag }: Pick<ProjectionStatus, 'lag'>): string {
  return lag === undefined ? '?' : formatLag(lag);
}

/** What could not be looked at, each reason once. */
export function formatUnseen(statuses: readonly ProjectionStatus[]): readonly string[] {
  const reasons = new Set(statuses.flatMap(({ unseen }) => unseen ?? []));
  return [...reasons].map((reason) => `${colors.yellow('!')} How far they are behind the log is not known. ${reason}`);
}

/** `-`, or `120 events, 3 s` */
export function formatLag({ events, seconds }: Lag): string {
  if (events === 0) return '-';
  return `${counted(events, 'event')}, ${seconds < 1 ? '< 1 s' : formatDuration(seconds * 1_000)}`;
}

/** All about one projection. */
export function formatProjection({ projection, head, versions, parked }: ShownProjection): string {
  const lines = versions.flatMap((version) => ['', ...versionLines(version)]);
  const listed = [...parked.map(formatParkedLine), ...moreParked(versions, parked)].map((line) => `    ${line}`);
  const keys = parked.length === 0 ? [] : ['', `  ${colors.bold('parked, oldest first')}`, ...listed];
  return [`${colors.cyan(projection)}  ${colors.dim(`the log is at position ${formatCount(head)}`)}`, ...lines, ...keys].join('\n');
}

function moreParked(versions: readonly ShownVersion[], shown: readonly ParkedKey[]): readonly string[] {
  const all = versions.flatMap(({ builds }) => builds).reduce((sum, { parkedKeys }) => sum + parkedKeys, 0);
  const last = shown.at(-1);
  if (last === undefined || shown.length >= all) return [];
  return [`and ${formatCount(all - shown.length)} more: kiroku projection parked list ${last.projection} --after ${parkedPlace(last)}`];
}

function versionLines(version: ShownVersion): readonly string[] {
  const { declared, instances, builds, switchedAt, previousBuild, steps } = version;
  const title = `  ${colors.bold(`version ${version.version}`)}${declared ? '' : colors.dim(' (not of this code)')}  ${formatBriefState(version)}`;
  const why = formatStateReasons(version);
  const previous = previousBuild === undefined ? '' : `, before it build ${previousBuild}`;
  const switched = switchedAt === undefined ? [] : [`    ${colors.dim('switched')}  ${formatTime(switchedAt)}${previous}`];
  const told = [`    ${colors.dim('run by')}    ${instances.join(', ') || 'nobody'}`];
  const lines = builds.flatMap((build) => buildLines(build, why));
  return [
    title,
    ...why.map((line) => `    ${line}`),
    ...switched,
    ...told,
    ...lines,
    ...steps.map((step) => `    ${colors.dim('→')} ${step}`),
  ];
}

/** `why`: what was told before of the version. */
function buildLines({ build, state, active, job, parkedKeys, partitions, tables }: ShownBuild, why: readonly string[]): readonly string[] {
  const is = active ? `${state}, ${colors.green('active')}` : state;
  const made = job === undefined ? '' : colors.dim(`  job ${job}`);
  const parked = parkedKeys === 0 ? '' : colors.red(`  ${formatCount(parkedKeys)} parked`);
  return [
    `    ${colors.bold(`build ${build}`)}  ${is}${parked}${made}`,
    ...partitions.map(({ partition, position, owner, epoch, lag, stalled }) => {
      const who = owner === undefined ? colors.yellow('no owner') : `${owner} (epoch ${epoch})`;
      const wasTold = why.some((line) => line.includes(stalled?.reason ?? ''));
      const since = stalled && `  stalled since ${formatTime(stalled.since)}${wasTold ? '' : `: ${stalled.reason}`}`;
      const behind = lag.events === 0 ? 'up to date' : `behind ${formatLag(lag)}`;
      return `      partition ${partition}  at ${formatCount(position)}, ${behind}  ${who}${since === undefined ? '' : colors.red(since)}`;
    }),
    ...tables.map(
      ({ table, rows, tableBytes, indexBytes }) =>
        `      table ${table}  ${formatRows(rows)} ${rows.count === 1 ? 'row' : 'rows'}  ${formatBytes(tableBytes + indexBytes)}`,
    ),
  ];
}

/** Columns of `kiroku projection parked list`. */
export const parkedColumns = ['projection', 'build', 'key', 'event', 'waiting', 'tried', 'parked', 'fault'] as const;

export function formatParkedRow(key: ParkedKey): readonly string[] {
  const { projection, version, build, position, eventType, fault, events, attempts, parkedAt } = key;
  return [
    `${projection}@${version}`,
    String(build),
    parkedReference(key),
    `${position} ${eventType}`,
    formatCount(events - 1),
    `${formatCount(attempts)} ×`,
    formatTime(parkedAt),
    colors.red(`${fault.code}: ${fault.message}`),
  ];
}

/** `build 1  product/7  at 12 PriceSet  TypeError: …  (3 events)` */
export function formatParkedLine(key: ParkedKey): string {
  const { build, position, eventType, fault, events } = key;
  const what = `${counted(events, 'event')}`;
  return `build ${build}  ${parkedReference(key)}  at ${position} ${eventType}  ${colors.red(`${fault.code}: ${fault.message}`)}  (${what})`;
}

/** `✓ product/7 (build 1) is free again: 3 events` */
export function formatSettled({ build, key, outcome, events, fault }: SettledKey): string {
  const what = `${key} (build ${build})`;
  switch (outcome) {
    case 'free':
      return `${colors.green('✓')} ${what} is parked no more (${counted(events, 'event')})`;
    case 'gone':
      return `${colors.dim('–')} ${what} was not parked any more`;
    case 'parked':
      return `${colors.red('✗')} ${what} stays parked: position ${fault?.position ?? '?'} ${fault === undefined ? '' : `${fault.code}: ${fault.message}`}`;
  }
}

function formatRows({ count, estimated }: { readonly count: number; readonly estimated: boolean }): string {
  return `${estimated ? '~' : ''}${formatCount(count)}`;
}

const paint: { readonly [state in ProjectionState]: (text: string) => string } = {
  live: colors.green,
  'catching up': colors.cyan,
  stalled: colors.red,
  paused: colors.yellow,
  orphaned: colors.red,
  building: colors.cyan,
  'not built': colors.red,
  unused: colors.dim,
  unknown: colors.yellow,
};
