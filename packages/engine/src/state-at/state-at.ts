import { type Aggregate, type EventStore, KirokuError, type RecordedEvent, type StreamName } from '@kiroku/core';

export interface StateAtOptions {
  /** Only read. */
  readonly eventStore: Pick<EventStore, 'readStream'>;
  /** Whose stream it is. */
  readonly aggregate: Pick<Aggregate, 'initialState' | 'evolve'>;
  readonly stream: StreamName;
  /** Up to this version, or this position of the log. Default: all events. */
  readonly until?: { readonly version: number } | { readonly position: number };
}

/** The state of a stream as of one of its events. */
export interface StateAt {
  readonly stream: StreamName;
  /** Of the last event that is in the state. */
  readonly version: number;
  readonly position: number;
  readonly recordedAt: string;
  readonly state: unknown;
}

const pageSize = 1_000;

/**
 * Folds a stream up to a version or a position of the log, from its beginning: no snapshot, no read model. Throws `NotFound` if there is no
 * such stream, `BadRequest` for a version it has not, or a position before its first event, and what reading and evolving throw.
 */
export async function stateAt(options: StateAtOptions): Promise<StateAt> {
  const { aggregate, stream, until } = options;
  let state = aggregate.initialState;
  let last: RecordedEvent | undefined;
  for await (const event of eventsOf(options)) {
    if (until !== undefined && isBeyond(event, until)) {
      if (last !== undefined) break;
      throw notYet(event, until);
    }
    state = aggregate.evolve(state, event);
    last = event;
  }
  if (last === undefined) throw new KirokuError('NotFound', `There is no stream ${stream}.`);
  const { version, position, recordedAt } = last;
  if (until !== undefined && 'version' in until && until.version !== version) {
    throw new KirokuError('BadRequest', `${stream} has the versions 1 to ${version}, not ${until.version}.`, { details: { version } });
  }
  return { stream, version, position, recordedAt, state };
}

async function* eventsOf({ eventStore, stream }: StateAtOptions): AsyncGenerator<RecordedEvent, void> {
  for (let fromVersion = 1; ; ) {
    const events = await eventStore.readStream(stream, { fromVersion, limit: pageSize });
    yield* events;
    if (events.length < pageSize) return;
    fromVersion += pageSize;
  }
}

function isBeyond(event: RecordedEvent, until: NonNullable<StateAtOptions['until']>): boolean {
  return 'version' in until ? event.version > until.version : event.position > until.position;
}

function notYet(first: RecordedEvent, until: NonNullable<StateAtOptions['until']>): KirokuError {
  const { stream, position, recordedAt } = first;
  const asked = 'version' in until ? `version ${until.version}` : `position ${until.position}`;
  return new KirokuError(
    'BadRequest',
    `${stream} begins with version 1 at position ${position}, recorded at ${recordedAt}: it has no state at ${asked}.`,
    { details: { position } },
  );
}
