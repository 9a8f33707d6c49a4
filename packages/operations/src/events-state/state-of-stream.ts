import { type Aggregate, type Application, categoryOf, type EventStore, KirokuError, parseStreamName } from '@kiroku/core';
import { hiddenEvents, positionOf, type StateAt, stateAt } from '@kiroku/engine';

export interface StateOfStream {
  /** Its code evolves. */
  readonly application: Pick<Application, 'aggregates'>;
  /** `order-0193…` */
  readonly stream: string;
  /** Up to this version. Not together with `at`. */
  readonly version?: number;
  /** Up to this position of the log, or with what was recorded by this time (ISO 8601). Default: all events. */
  readonly at?: number | string;
}

/**
 * The state of a stream, now or as of a moment, folded from its events. Personal fields are those of `store`; what is encrypted in it is
 * folded as it is read once its subject is forgotten. Throws `BadRequest`, which names the bounds, `EventInvalid` and `NotFound`.
 */
export async function stateOfStream(
  store: Pick<EventStore, 'readStream' | 'readLog' | 'head' | 'positionAt'>,
  { application, stream: text, version, at }: StateOfStream,
): Promise<StateAt> {
  const stream = parseStreamName(text);
  const aggregate = requireAggregate(application.aggregates, categoryOf(stream));
  const until = version !== undefined ? { version } : at !== undefined ? { position: await positionOf(store, at) } : undefined;
  return stateAt({
    eventStore: { readStream: async (name, options) => hiddenEvents(await store.readStream(name, options)) },
    aggregate,
    stream,
    ...(until && { until }),
  });
}

function requireAggregate(aggregates: readonly Aggregate[], category: string): Aggregate {
  const found = aggregates.find(({ name }) => name === category);
  if (found !== undefined) return found;
  const names = aggregates.map(({ name }) => name).join(', ');
  throw new KirokuError(
    'NotFound',
    `The application has no aggregate "${category}", so nothing evolves its streams. There are: ${names || 'none'}.`,
  );
}
