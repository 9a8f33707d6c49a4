import type { Alert, AlertReport, AlertState } from '@kiroku/operations';
import { worstFiring } from '@kiroku/operations';
import colors from 'picocolors';
import { formatDuration } from './duration.ts';
import { exitCodes } from './exit-codes.ts';
import { formatTime } from './format-job.ts';

/** Columns of `kiroku alerts`. */
export const alertColumns = ['state', 'severity', 'alert', 'since', 'runbook', 'what'] as const;

const paint: { readonly [severity in Alert['severity']]: (text: string) => string } = {
  critical: colors.red,
  warning: colors.yellow,
  info: colors.cyan,
};

export function alertRow({ name, severity, state, labels, summary, since, runbook }: Alert, { services }: AlertReport): readonly string[] {
  const down = services.find(({ url, up }) => !up && new URL(url).host === labels.instance);
  const why = down === undefined ? '' : ` (${down.service}: ${down.reason})`;
  const shown = state === 'firing' ? paint[severity] : state === 'pending' ? (text: string) => text : colors.dim;
  return [shown(state), shown(severity), name, formatTime(since), `docs/runbooks/${runbook}`, `${summary}${why}`];
}

/** The last line: how many there are, and for how long somebody has watched. */
export function formatWatched({ alerts, at, watchedSince }: AlertReport, watched: boolean): string {
  const count = (wanted: AlertState) => alerts.filter(({ state }) => state === wanted).length;
  const told = `${count('firing')} firing, ${count('pending')} pending, ${count('resolved')} resolved.`;
  if (!watched) return `${told} No gateway answers: these are a few looks from here, and what holds fires at once.`;
  return `${told} Watched for ${formatDuration(Date.parse(at) - Date.parse(watchedSince))}.`;
}

const namedMetrics = 6;

/** Rules of which silence means nothing; `undefined` if there are none, or an older gateway does not say. */
export function formatWithoutData({ withoutData = [] }: Partial<Pick<AlertReport, 'withoutData'>>): string | undefined {
  if (withoutData.length === 0) return undefined;
  const metrics = [...new Set(withoutData.flatMap((rule) => rule.metrics))];
  const more = metrics.length > namedMetrics ? ` and ${metrics.length - namedMetrics} more (--json names them)` : '';
  const have = withoutData.length === 1 ? '1 rule has' : `${withoutData.length} rules have`;
  return `${have} no data: no service tells ${metrics.slice(0, namedMetrics).join(', ')}${more}.`;
}

/** What the shell is told. What is only noted does not count. */
export function alertsExitCode(report: AlertReport): number {
  switch (worstFiring(report)) {
    case 'critical':
      return exitCodes.failed;
    case 'warning':
      return exitCodes.degraded;
    case undefined:
      return exitCodes.ok;
  }
}
