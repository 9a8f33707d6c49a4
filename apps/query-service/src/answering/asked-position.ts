import { isOfHistory, KirokuError, type LogHistory, type LogPosition, parsePositionToken, positionToken, sharedUntil } from '@kiroku/core';

/** A position as a client gives it: what it was given, or the number alone, which is one of the first timeline. */
export type GivenPosition = number | string;

/** What of a request it is given as. */
type PositionField = 'atLeast' | 'asOf';

/**
 * The position in the present history that a client means. Throws `AnotherHistory` if a restore has undone it, and `BadRequest` for what is no
 * position.
 */
export function askedPosition(given: GivenPosition, history: LogHistory, field: PositionField): number {
  const asked = parsePositionToken(String(given));
  if (asked === undefined) throw noPosition(given, field);
  if (!isOfHistory(history, { ...asked, id: history.log.id })) throw undone(asked, history);
  return asked.position;
}

function noPosition(given: GivenPosition, field: PositionField): KirokuError {
  const message = 'must be a position that a command or an answer returned';
  return new KirokuError('BadRequest', `${JSON.stringify(given)} is none: "${field}" ${message}.`, {
    details: { issues: [{ path: field, message }] },
  });
}

function undone(asked: LogPosition, history: LogHistory): KirokuError {
  const until = sharedUntil(history, { id: history.log.id, timeline: asked.timeline });
  return new KirokuError(
    'AnotherHistory',
    `Position ${positionToken(asked)} is of a history that a restore left at position ${until}: what stood there is gone. Forget it and read again without a position; the log is on timeline ${history.log.timeline} now.`,
    { details: { timeline: asked.timeline, position: asked.position, sharedUntil: until, present: history.log.timeline } },
  );
}
