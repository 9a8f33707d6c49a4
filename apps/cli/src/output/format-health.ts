import {
  arePilingUp,
  type DatabaseStatus,
  type HealthReport,
  isFaulty,
  isFaultyDatabase,
  isFaultyWork,
  type OverallHealth,
  type ProjectionStatus,
  type ServiceHealth,
  type WorkStatus,
} from '@kiroku/operations';
import colors from 'picocolors';
import { exitCodes } from './exit-codes.ts';
import { formatTime } from './format-job.ts';
import { formatBriefState, formatLag, formatStateReasons } from './format-projection.ts';
import { pointingTo, pointingToServices, sayingOnce, untold } from './told-reasons.ts';

/** Columns of `kiroku health`. */
export const healthColumns = ['', 'part', 'state', 'latency', 'since', 'why'] as const;

type Row = readonly string[];

/** One row for each part: services with what they depend on, databases, projections, what works in the background, and what is not seen. */
export function formatHealthRows(report: HealthReport): readonly Row[] {
  const { services, databases, projections = [], work = [] } = report;
  const whyOfWork = sayingOnce((reason = '') => reason);
  return [
    ...services.flatMap((service) => serviceRows(service, pointingToServices(services, pointingTo(databases)))),
    ...databases.map(databaseRow),
    ...projections.map((each) => projectionRow(each, pointingTo(databases))),
    ...work.map((each) => workRow(each, whyOfWork)),
    ...untold(report).map(({ name, reason }): Row => [bad(), name, 'unseen', '', '', reason]),
  ];
}

/** What the shell is told. */
export function healthExitCode(state: OverallHealth): number {
  switch (state) {
    case 'healthy':
      return exitCodes.ok;
    case 'degraded':
      return exitCodes.degraded;
    case 'unhealthy':
      return exitCodes.failed;
  }
}

/** The last line: how all of it is. */
export function formatOverall(state: OverallHealth): string {
  const paint = { healthy: colors.green, degraded: colors.yellow, unhealthy: colors.red }[state];
  return paint(state);
}

function serviceRows(service: ServiceHealth, why: (reason: string | undefined) => string): readonly Row[] {
  const { name, state, ready, latencyMs, since, reason, dependencies } = service;
  const whyOf = sayingOnce(why);
  const mark = !ready ? bad : state === 'degraded' ? warning : good;
  return [
    [mark(), name, state, milliseconds(latencyMs), time(since), why(reason)],
    ...dependencies.map(
      (each): Row => [
        each.state === 'up' ? good() : warning(),
        `  ${each.name}`,
        each.state,
        milliseconds(each.latencyMs),
        time(each.since),
        whyOf(each.name, each.reason),
      ],
    ),
  ];
}

function databaseRow(status: DatabaseStatus): Row {
  const { name, latencyMs, warning: coming } = status;
  const why = databaseReason(status);
  const mark = isFaultyDatabase(status) ? bad() : coming === undefined ? good() : warning();
  return [mark, name, databaseState(status), milliseconds(latencyMs), '', why ?? coming ?? ''];
}

/** In a word. */
export function databaseState({ reachable, pending, reason }: DatabaseStatus): string {
  if (!reachable) return 'unreachable';
  if (reason !== undefined) return 'refused';
  return pending > 0 ? 'not migrated' : 'reachable';
}

function databaseReason({ reason, pending, migration }: DatabaseStatus): string | undefined {
  return pending > 0 ? `at migration ${migration}, ${pending} pending: \`kiroku migrate\`` : reason;
}

function projectionRow(status: ProjectionStatus, told: (reason: string | undefined) => string): Row {
  const { reason, unseen, ...shown } = status;
  const { projection, version, lag, parkedKeys, activeBuild } = shown;
  const behind = activeBuild === undefined || lag === undefined || lag.events === 0 ? [] : [`behind ${formatLag(lag)}`];
  const parked = parkedKeys === 0 ? [] : [`${parkedKeys} parked`];
  const unknown = unseen === undefined ? [] : [`not known how far behind: ${told(unseen)}`];
  const why = [...(reason === undefined ? [] : [reason]), ...unknown, ...behind, ...parked].join(', ');
  const mark = isFaulty(status)
    ? bad()
    : unseen !== undefined || parkedKeys > 0 || arePilingUp(status.spareBuilds ?? [])
      ? warning()
      : good();
  return [mark, `projection ${projection}@${version}`, formatBriefState(shown), '', '', why, ...formatStateReasons(shown)];
}

function workRow(status: WorkStatus, why: (name: string, reason: string | undefined) => string): Row {
  const mark = isFaultyWork(status) ? bad() : status.state === 'running' ? good() : warning();
  return [mark, status.name, status.state, '', '', why(status.name, status.reason)];
}

function milliseconds(latency: number | undefined): string {
  return latency === undefined ? '' : `${latency} ms`;
}

function time(since: string | undefined): string {
  return since === undefined ? '' : formatTime(since);
}

const good = () => colors.green('✓');
const warning = () => colors.yellow('!');
const bad = () => colors.red('✗');
