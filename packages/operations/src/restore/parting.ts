import type { RecordedHistory } from '@kiroku/postgres';
import { lineageOf } from './left-history.ts';

/** A log as it is: its history, and its end. */
export interface LogState {
  readonly history: RecordedHistory;
  readonly position: number;
}

interface Stretch {
  readonly timeline: number;
  /** Position it ends at. */
  readonly until: number;
}

/** The last position that two states of a log have in common: after it, each has events of its own. */
export function partingOf(one: LogState, other: LogState): number {
  const [first, second] = [stretches(one), stretches(other)];
  let common = 0;
  for (const [index, { timeline, until }] of first.entries()) {
    const beside = second[index];
    if (beside?.timeline !== timeline) break;
    common = Math.min(until, beside.until);
    if (until !== beside.until) break;
  }
  return common;
}

/** The timelines that led to it, the oldest first, each up to where the next begins. */
function stretches({ history, position }: LogState): readonly Stretch[] {
  const left = lineageOf(history).map(({ parent, afterPosition }) => ({ timeline: parent, until: afterPosition }));
  return [...left.reverse(), { timeline: history.log.timeline, until: position }];
}
