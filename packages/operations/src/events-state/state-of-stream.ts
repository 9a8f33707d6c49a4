import { type Aggregate, categoryOf, type EventStore, KirokuError, parseStreamName } from '@kiroku/core';
import { encryptedEventStore, hiddenEvents, positionOf, type StateAt, stateAt } from '@kiroku/engine';
import { recordedRun } from '../audit/audited-run.ts';
import type { Operator } from '../config/operator.ts';
import type { StreamStores } from './stream-stores.ts';

export interface StateOfStream {
  /** `order-0193…` */
  readonly stream: string;
  /** Up to this version. Not together with `at`. */
  readonly version?: number;
  /** Up to this position of the log, or with what was recorded by this time (ISO 8601). Default: all events. */
  readonly at?: number | string;
}

/**
 * The state of a stream, now or as of a moment, folded from its events, personal fields as if they were forgotten. Throws `BadRequest`, which
 * names the bounds, `EventInvalid` and `NotFound`.
 */
export function stateOfStream({ application, log }: Pick<StreamStores, 'application' | 'log'>, wanted: StateOfStream): Promise<StateAt> {
  return foldedFrom(log, application.aggregates, wanted);
}

/** `stateOfStream` with personal fields decrypted; that they were looked at is recorded in the audit log first. */
export function revealStateOfStream(
  { application, log, keys, audit }: StreamStores,
  { operator, ...wanted }: StateOfStream & { readonly operator: Operator },
): Promise<StateAt> {
  const { aggregates } = application;
  return recordedRun(audit, operator, {
    verb: 'events state',
    arguments: { ...wanted, reveal: true },
    run: () => foldedFrom(encryptedEventStore(log, { aggregates, keys }), aggregates, wanted),
  });
}

async function foldedFrom(
  store: Pick<EventStore, 'readStream' | 'readLog' | 'head' | 'positionAt'>,
  aggregates: readonly Aggregate[],
  { stream: text, version, at }: StateOfStream,
): Promise<StateAt> {
  const stream = parseStreamName(text);
  const aggregate = requireAggregate(aggregates, categoryOf(stream));
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
