import { type Limit, steady } from './limit.ts';

const of = (metric: string, more = '') => `kiroku_${metric}{service="client-service",instance="a:4000"${more}}`;
const gauge = (
  alert: string,
  series: string,
  at: readonly [within: number, beyond: number],
  rest: Pick<Limit, 'firesAt' | 'labels'>,
): Limit => ({
  alert,
  beyond: { [series]: steady(at[1]) },
  within: [{ [series]: steady(at[0]) }],
  ...rest,
});
const now = { firesAt: 0, labels: {} };
const log = { database: 'event_store' };
const ofLog = ',database="event_store"';

export const safetyLimits: readonly Limit[] = [
  gauge('KirokuBackupMissing', of('backup_missing_seconds'), [86_400, 86_401], now),
  gauge('KirokuBackupTooOld', of('backup_age_seconds'), [93_600, 93_601], now),
  gauge('KirokuBackupFailed', of('backup_went_well'), [1, 0], now),
  gauge('KirokuDrillTooOld', of('drill_age_seconds'), [691_200, 691_201], now),
  gauge('KirokuDrillFailed', of('drill_went_well'), [1, 0], now),
  gauge('KirokuArchiveBehind', of('archive_lag_seconds', ofLog), [300, 301], { firesAt: 60, labels: log }),
  gauge('KirokuArchiveFailing', of('archive_failing', ofLog), [0, 1], { firesAt: 120, labels: log }),
  gauge('KirokuOtherHistory', of('other_history', ',part="consumers"'), [0, 1], { firesAt: 60, labels: { part: 'consumers' } }),
];
