import { checkTime, type EventStore, KirokuError } from '@kiroku/core';

/**
 * The position that a position or a time (ISO 8601) names: of a time, that of the last event recorded by then, so a moment that has passed
 * keeps its position. Throws `BadRequest`, which names the bounds, for what lies before the first event, beyond the head, or in the future.
 */
export async function positionOf(
  log: Pick<EventStore, 'head' | 'positionAt' | 'readLog'>,
  when: number | string,
  now: number = Date.now(),
): Promise<number> {
  if (typeof when === 'string') await requirePassed(log, when, new Date(now).toISOString());
  const position = typeof when === 'number' ? when : await log.positionAt(when);
  const { position: head } = await log.head();
  if (Number.isSafeInteger(position) && position >= 1 && position <= head) return position;
  throw new KirokuError('BadRequest', await outside(log, when, head), { details: { asked: when, first: Math.min(1, head), head } });
}

// what is yet to come would be answered with the events so far, and with others later
async function requirePassed(log: Pick<EventStore, 'head' | 'readLog'>, when: string, now: string): Promise<void> {
  const time = checkTime(when);
  if (time <= checkTime(now)) return;
  const { position: head } = await log.head();
  const { events } = await log.readLog({ after: Math.max(0, head - 1), until: head });
  if (time <= (events[0]?.recordedAt ?? '')) return; // an event's own time has passed, whatever the clock of this machine says
  throw new KirokuError(
    'BadRequest',
    `${when} has not come yet: it is ${now} now. Name a time that has passed, or a position up to ${head}.`,
    {
      details: { asked: when, now, head },
    },
  );
}

async function outside(log: Pick<EventStore, 'readLog'>, when: number | string, head: number): Promise<string> {
  if (head === 0) return `The log has no events yet, so there is nothing as of ${when}.`;
  if (typeof when === 'number') return `The log has the positions 1 to ${head}, not ${when}.`;
  const { events } = await log.readLog({ until: 1 });
  return `${when} is before the first event of the log, which was recorded at ${events[0]?.recordedAt}. Its positions are 1 to ${head}.`;
}
