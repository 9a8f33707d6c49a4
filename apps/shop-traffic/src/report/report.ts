import type { KindReport, Tally, Totals } from './tally.ts';

/** What a run led to. */
export interface Report extends Totals {
  readonly seed: number;
  /** Requests a second that were asked for. */
  readonly rate: number;
  readonly seconds: number;
  /** Requests a second that were answered. */
  readonly answeredRate: number;
  /** Requests that failed or were not sent, of all. Rejections are answers. */
  readonly errorShare: number;
  readonly maxErrorShare: number;
  readonly ok: boolean;
  readonly kinds: readonly KindReport[];
}

export function reportOf(
  tally: Tally,
  run: { readonly seed: number; readonly rate: number; readonly sentForMs: number; readonly maxErrorShare: number },
): Report {
  const { seed, rate, maxErrorShare } = run;
  const totals = tally.totals();
  const seconds = run.sentForMs / 1_000;
  const kinds = tally.kinds(seconds);
  const failed = Object.values(totals.errors).reduce((sum, count) => sum + count, 0);
  const errorShare = totals.requests === 0 ? 0 : failed / totals.requests;
  const answeredRate = kinds.reduce((sum, { count }) => sum + count, 0) / seconds;
  return { seed, rate, seconds, answeredRate, errorShare, maxErrorShare, ok: errorShare <= maxErrorShare, ...totals, kinds };
}
