import type { ListedInstance, SagaStats, ShownInstance } from '@kiroku/operations';
import colors from 'picocolors';
import { formatDuration } from './duration.ts';
import { formatTime } from './format-job.ts';
import { shortened } from './shortened.ts';

/** Columns of `kiroku saga list`. */
export const sagaColumns = ['id', 'saga', 'state', 'stands at', 'moved', 'why'] as const;

export function formatSagaRow({
  id,
  processManager,
  status,
  phase,
  step,
  updatedAt,
  endedAt,
  failure,
  reason,
  parked,
  lastError,
}: ListedInstance): readonly string[] {
  const at = [phase, step].filter((part) => part !== null && part !== '').join(': ');
  const stands = parked > 0 ? `${parked} parked` : reason;
  const fails = lastError ? shortened(lastError, 120) : undefined; // a gateway of before does not tell
  const why = failure ?? ([stands, fails].filter((each) => each).join(': ') || '-');
  return [id, processManager, status, at || '-', formatTime(endedAt ?? updatedAt), why];
}

/** Where it stands, what it waits for, and what happened last. */
export function formatSaga(saga: ShownInstance): string {
  const { id, processManager, status, failure, state, startedAt, endedAt } = saga;
  const fields: readonly (readonly [name: string, value: string | undefined])[] = [
    ['state', status],
    ['phase', text(state.phase)],
    ['step', text(state.step)],
    ['why', failure ?? text(state.reason)],
    ['started', formatTime(startedAt)],
    ['ended', endedAt === null ? undefined : formatTime(endedAt)],
  ];
  const told = fields.flatMap(([name, value]) => (value === undefined ? [] : [`  ${colors.dim(name.padEnd(9))} ${value}`]));
  const timeline = saga.history.map(({ at, kind, what }) => `  ${colors.dim(formatTime(at))} ${kind.padEnd(9)} ${what}`);
  const earlier = saga.historyBefore === null ? [] : [`  there is more before: --before ${saga.historyBefore}`];
  return [
    `${id}  ${colors.cyan(processManager)}`,
    ...told,
    ...section('waits for', waits(saga)),
    ...section('timeline', [...earlier, ...timeline]),
  ].join('\n');
}

function waits({ commands, timers }: ShownInstance): string[] {
  return [
    ...commands.map(({ type, parked, attempts, lastError }) => {
      const how = parked ? 'parked' : `under way, try ${attempts}`;
      return `  ${type}: ${how}${lastError === null ? '' : `: ${lastError}`}`;
    }),
    ...timers.map(({ name, dueAt }) => `  timer ${name}, ${formatTime(dueAt)}`),
  ];
}

/** Columns of `kiroku saga stats`. */
export const statsColumns = ['saga', 'started', 'running', 'completed', 'compensated', 'failed', 'stuck', 'ended whole', 'oldest'] as const;

export function formatStatsRow(stats: SagaStats, now: number): readonly string[] {
  const { processManager, started, running, completed, compensated, failed, stuck, completionRate, oldestRunning } = stats;
  return [
    processManager,
    ...[started, running, completed, compensated, failed, stuck].map(String),
    completionRate === undefined ? '-' : `${(completionRate * 100).toFixed(2)} %`,
    oldestRunning === null ? '-' : formatDuration(now - Date.parse(oldestRunning)),
  ];
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', colors.bold(title), ...lines];
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
