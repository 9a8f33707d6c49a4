import { type Aggregate, type EventStore, isKirokuError, type RecordedEvent, streamName } from '@kiroku/core';
import { eventsAbout } from '@kiroku/engine';

/** Events that have something of a subject, as they are stored. */
export interface LookedInLog {
  readonly events: readonly RecordedEvent[];
  /** How many events were looked at. */
  readonly looked: number;
  /** Whether these are all there are. */
  readonly whole: boolean;
}

const pageSize = 2_000;
/** Events at the end of the log, and of each stream that may be the subject's own. */
const lookedAt = 2_000;

/** Looks in the streams that are named after the subject and at the end of the log, which takes no time; or in all of it. */
export async function lookInLog(
  log: Pick<EventStore, 'head' | 'readLog' | 'readStream'>,
  {
    subject,
    aggregates,
    all,
  }: { readonly subject: string; readonly aggregates: readonly Pick<Aggregate, 'name' | 'events'>[]; readonly all: boolean },
): Promise<LookedInLog> {
  const { position: head } = await log.head();
  const from = all ? 0 : Math.max(0, head - lookedAt);
  const found = new Map<number, RecordedEvent>();
  let looked = 0;
  const look = (events: readonly RecordedEvent[]) => {
    looked += events.length;
    for (const event of eventsAbout(subject, events)) found.set(event.position, event);
  };
  for (let after = from; after < head; after += pageSize)
    look((await log.readLog({ after, until: Math.min(head, after + pageSize), pageSize })).events);
  if (from > 0) for (const { name } of aggregates.filter(isPersonal)) look(await streamOf(log, name, subject));
  return { events: [...found.values()].sort((a, b) => a.position - b.position), looked, whole: from === 0 };
}

function isPersonal({ events }: Pick<Aggregate, 'events'>): boolean {
  return Object.values(events).some(({ personal }) => personal !== undefined);
}

async function streamOf(log: Pick<EventStore, 'readStream'>, category: string, subject: string): Promise<readonly RecordedEvent[]> {
  try {
    return await log.readStream(streamName(category, subject), { limit: lookedAt });
  } catch (error) {
    if (isKirokuError(error, 'EventInvalid')) return []; // it cannot be part of a name
    throw error;
  }
}
