import type { LogPlace } from './log-history.ts';

/** A position, and the timeline of the log that it was taken on. */
export type LogPosition = Pick<LogPlace, 'timeline' | 'position'>;

/** What a position is given out as: `12345` as long as the log was never restored, `2:12345` on a later timeline. */
export function positionToken({ timeline, position }: LogPosition): string {
  return timeline === 1 ? String(position) : `${timeline}:${position}`;
}

/** Reads what `positionToken` wrote; `undefined` for anything else. */
export function parsePositionToken(token: string): LogPosition | undefined {
  const [, timeline = '1', digits] = /^(?:([1-9]\d{0,8}):)?(\d{1,16})$/.exec(token) ?? [];
  const position = digits === undefined ? Number.NaN : Number(digits);
  return Number.isSafeInteger(position) ? { timeline: Number(timeline), position } : undefined;
}

/** The one that was written later: a later timeline goes on from what it has in common with the earlier one. */
export function laterPosition(one: LogPosition, other: LogPosition): LogPosition {
  const later = one.timeline - other.timeline || one.position - other.position;
  return later >= 0 ? one : other;
}
