import { type LogPlace, sharedUntil } from '@kiroku/core';
import type { PresentLog } from './patient.ts';

/**
 * What a position that was noted is in the log as it is: of it; of an earlier timeline, but the same history up to there; beyond what both have in
 * common (`until`; `known`: that is certain); or of another log.
 */
export type Standing =
  | { readonly kind: 'present' }
  | { readonly kind: 'foreign' }
  | { readonly kind: 'earlier'; readonly until: number }
  | { readonly kind: 'beyond'; readonly until: number; readonly known: boolean };

export function standingOf({ history, head }: PresentLog, place: LogPlace): Standing {
  const { log, forks } = history;
  if (place.id !== log.id) return { kind: 'foreign' };
  const known = [1, log.timeline, ...forks.map(({ timeline }) => timeline)].includes(place.timeline);
  const until = Math.min(sharedUntil(history, place), head);
  if (place.position > until) return { kind: 'beyond', until, known };
  return place.timeline === log.timeline ? { kind: 'present' } : { kind: 'earlier', until };
}
