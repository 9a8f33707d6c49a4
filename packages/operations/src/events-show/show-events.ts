import { type EventStore, KirokuError, type RecordedEvent } from '@kiroku/core';
import { type EventReference, parseEventReference } from './event-reference.ts';

export interface EventLog {
  readonly store: EventStore;
  /** Position of the event with this id, `undefined` if there is none. */
  readonly findEvent: (id: string) => Promise<number | undefined>;
}

/** The event at a position or with an id, or all events of a stream. Throws `NotFound`, or `EventInvalid` for a text that names nothing. */
export async function showEvents(log: EventLog, text: string): Promise<readonly RecordedEvent[]> {
  const reference = parseEventReference(text);
  const events = await find(log, reference);
  if (events.length === 0) throw new KirokuError('NotFound', notFound(reference, text));
  return events;
}

async function find({ store, findEvent }: EventLog, reference: EventReference): Promise<readonly RecordedEvent[]> {
  switch (reference.kind) {
    case 'position':
      return eventAt(store, reference.position);
    case 'event': {
      const position = await findEvent(reference.id);
      return position === undefined ? [] : eventAt(store, position);
    }
    case 'stream':
      return store.readStream(reference.stream);
  }
}

async function eventAt(store: EventStore, position: number): Promise<readonly RecordedEvent[]> {
  const page = await store.readLog({ after: position - 1, until: position, pageSize: 1 });
  return page.events;
}

function notFound({ kind }: EventReference, text: string): string {
  const what = {
    position: `The log has no event at position ${text}`,
    event: `The log has no event ${text}`,
    stream: `There is no stream ${text}`,
  }[kind];
  return `${what}. \`kiroku events tail\` shows what there is.`;
}
