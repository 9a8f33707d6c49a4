import type { LogRestore, RecordedHistory } from '@kiroku/postgres';
import { isBefore } from './compare-times.ts';

/** A moment in the log in use. */
export interface LogMoment {
  readonly time: string;
  readonly history: RecordedHistory;
  /** Of the last event by then. */
  readonly position: number;
}

/**
 * The restore that put aside what was in use at that moment, if the log as it is has another history since: nothing between the position it was restored
 * to and that moment, whatever there was. `undefined` if that moment is of the present history.
 */
export function leftSince({ time, history, position }: LogMoment): LogRestore | undefined {
  const isLeft = lineageOf(history).some(({ afterPosition, restoredAt }) => afterPosition === position && isBefore(time, restoredAt));
  return isLeft ? history.forks.find(({ restoredAt }) => isBefore(time, restoredAt)) : undefined;
}

/** The restores that led to the present timeline, the newest first. */
export function lineageOf({ log, forks }: RecordedHistory): readonly LogRestore[] {
  const lineage: LogRestore[] = [];
  let fork = forks.find(({ timeline }) => timeline === log.timeline);
  while (fork !== undefined) {
    const { parent } = fork;
    lineage.push(fork);
    fork = forks.find(({ timeline }) => timeline === parent);
  }
  return lineage;
}

/** Whether a restore has left the history that a head of this log is of, before that head. */
export function isHeadLeft(head: LogHeadOf, history: RecordedHistory): boolean {
  const { log, forks } = history;
  if (head.log !== log.id || head.timeline === log.timeline) return false;
  const left = lineageOf(history).find(({ parent }) => parent === head.timeline);
  return left === undefined ? forks.some(({ timeline }) => timeline === head.timeline) : head.position > left.afterPosition;
}

interface LogHeadOf {
  readonly log: string;
  readonly timeline: number;
  readonly position: number;
}

/** The timeline that was in use at a time. */
export function timelineInUseAt(time: string, history: RecordedHistory): number {
  const last = history.forks.findLast(({ restoredAt }) => !isBefore(time, restoredAt));
  return last?.timeline ?? lineageOf(history).at(-1)?.parent ?? history.log.timeline;
}

/** For people, before they agree. */
export function leftNotice({ afterPosition, restoredAt }: LogRestore, isRestored: boolean): string {
  const left = `That moment is of a history that the restore of ${restoredAt} left after position ${afterPosition}.`;
  return isRestored
    ? `${left} It is that history which is restored: what was recorded in it by then, and nothing of what was recorded since.`
    : `${left} What was recorded between them is not restored by this, since no backup of that history goes so far: it is in what that restore put aside.`;
}
