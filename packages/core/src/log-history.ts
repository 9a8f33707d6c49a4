import type { LogIdentity } from './ports/event-store.ts';

/** Where a timeline of the log left another: what a restore did. */
export interface LogFork {
  readonly timeline: number;
  /** The one that was restored. */
  readonly parent: number;
  /** The last position that both have. */
  readonly afterPosition: number;
}

/** What the log is, and where its timelines left each other. */
export interface LogHistory {
  readonly log: LogIdentity;
  /** In any order; without the first timeline, which left none. Also of timelines that were left since, as far as they are known. */
  readonly forks: readonly LogFork[];
}

/** A position as somebody noted it. */
export interface LogPlace extends LogIdentity {
  readonly position: number;
}

/**
 * The last position up to which a timeline is the present history: infinite for the present timeline, 0 if the timeline is not known or of
 * another log. From a position on that two timelines do not share, the same number is another event.
 */
export function sharedUntil({ log, forks }: LogHistory, { id, timeline }: LogIdentity): number {
  if (id !== log.id) return 0;
  const byTimeline = new Map(forks.map((fork) => [fork.timeline, fork]));
  const ancestors = lineOf(log.timeline, byTimeline);
  for (const [ancestor, position] of lineOf(timeline, byTimeline)) {
    const shared = ancestors.get(ancestor);
    if (shared !== undefined) return Math.min(position, shared);
  }
  return 0;
}

/** Whether what was noted of a position still holds: it is the same event in the present history. Position 0 is that of any log of this id. */
export function isOfHistory(history: LogHistory, place: LogPlace): boolean {
  return place.id === history.log.id && place.position <= sharedUntil(history, place);
}

/** A timeline and those it comes from, each with the last position that it has in common with it; itself first. */
function lineOf(timeline: number, forks: ReadonlyMap<number, LogFork>): ReadonlyMap<number, number> {
  const line = new Map<number, number>();
  let [current, position] = [timeline, Number.POSITIVE_INFINITY];
  while (!line.has(current)) {
    line.set(current, position);
    const fork = forks.get(current);
    if (fork === undefined) break;
    [current, position] = [fork.parent, Math.min(position, fork.afterPosition)];
  }
  return line;
}
