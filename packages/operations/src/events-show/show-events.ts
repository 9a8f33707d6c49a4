import { type EventStore, KirokuError, type RecordedEvent } from '@kiroku/core';
import type { LastInCategories, LastOfTypes, LastOfTypesIn, SentCommand } from '@kiroku/postgres';
import { type CauseNode, causeTree } from './cause-tree.ts';
import { type EventReference, parseEventReference } from './event-reference.ts';

export interface EventLog {
  readonly store: EventStore;
  /** Position of the event with this id, `undefined` if there is none. */
  readonly findEvent: (id: string) => Promise<number | undefined>;
  /** Where the log ended when the command with this id had taken effect, `undefined` if it is not known. */
  readonly findCommand: (id: string) => Promise<number | undefined>;
  /** Positions of the last events of types, first to last. */
  readonly findLast: (wanted: LastOfTypes) => Promise<readonly number[]>;
  /** Likewise in streams of categories; `undefined` if these have many. */
  readonly findLastIn: (wanted: LastInCategories) => Promise<readonly number[] | undefined>;
  /** Likewise of types in categories; `undefined` if both have many. */
  readonly findLastOfIn: (wanted: LastOfTypesIn) => Promise<readonly number[] | undefined>;
  /** The first `limit` events with a correlation id. */
  readonly findCorrelated: (correlationId: string, limit: number) => Promise<readonly RecordedEvent[]>;
  /** What the process instances that sent these commands have sent with this correlation id; `undefined` if that cannot be found out. */
  readonly findSent: (commandIds: readonly string[], correlationId: string) => Promise<readonly SentCommand[] | undefined>;
}

/** Events one by one, or what led to what among those with one correlation id. */
export type ShownEvents =
  | {
      readonly kind: 'events';
      readonly events: readonly RecordedEvent[];
      /** The stream goes on with this version. */
      readonly next?: number;
    }
  | {
      readonly kind: 'causes';
      readonly correlationId: string;
      readonly tree: readonly CauseNode[];
      /** Ids of the traces that these events belong to, the first event's first. */
      readonly traces: readonly string[];
      /** There are more events than the 10,000 that were looked at. */
      readonly cut: boolean;
      /** Commands that left no event could not be looked for. */
      readonly withoutRefused: boolean;
    };

const causesLimit = 10_000;

export interface ShowEventsOptions {
  /** The tree of causes in which it stands. Default false. */
  readonly causes?: boolean;
  /** Of a stream: the version to begin with. Default 1. */
  readonly fromVersion?: number;
  /** Of a stream: events at most. Default 1,000. */
  readonly limit?: number;
}

/**
 * The event at a position or with an id, the events of a stream, or the tree of causes of a correlation or command id; with `causes` the tree
 * in which an event or command stands. Throws `NotFound`.
 */
export async function showEvents(
  log: EventLog,
  text: string,
  { causes = false, fromVersion = 1, limit = 1_000 }: ShowEventsOptions = {},
): Promise<ShownEvents> {
  const reference = parseEventReference(text);
  const events = causes ? [] : await find(log, reference, { fromVersion, limit: limit + 1 }); // one more tells whether there are more
  if (events.length > 0) return { kind: 'events', events: events.slice(0, limit), ...nextOf(events[limit]) };
  const correlationId = await correlationOf(log, reference);
  const correlated = correlationId === undefined ? [] : await log.findCorrelated(correlationId, causesLimit + 1);
  if (correlationId === undefined || correlated.length === 0) throw new KirokuError('NotFound', notFound(reference, { text, causes }));
  const looked = correlated.slice(0, causesLimit);
  const sent = await log.findSent(commandsOf(looked), correlationId);
  return {
    kind: 'causes',
    correlationId,
    tree: causeTree(looked, sent),
    traces: tracesOf(looked),
    cut: looked.length < correlated.length,
    withoutRefused: sent === undefined,
  };
}

/** `00-<the trace>-…` */
function tracesOf(events: readonly RecordedEvent[]): readonly string[] {
  const ids = events.flatMap(({ metadata: { traceparent = '' } }) => /^00-([0-9a-f]{32})-/.exec(traceparent)?.[1] ?? []);
  return [...new Set(ids)];
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function commandsOf(events: readonly RecordedEvent[]): readonly string[] {
  const ids = events.flatMap(({ metadata: { commandId = '', commandCausationId = '' } }) => [commandId, commandCausationId]);
  return [...new Set(ids.filter((id) => uuid.test(id)))];
}

function nextOf(event: RecordedEvent | undefined): { readonly next?: number } {
  return event === undefined ? {} : { next: event.version };
}

async function find(
  { store, findEvent }: EventLog,
  reference: EventReference,
  part: { readonly fromVersion: number; readonly limit: number },
): Promise<readonly RecordedEvent[]> {
  switch (reference.kind) {
    case 'position':
      return eventAt(store, reference.position);
    case 'id':
      return eventAt(store, await findEvent(reference.id));
    case 'stream':
      return store.readStream(reference.stream, part);
    case 'correlation':
      return [];
  }
}

async function correlationOf(log: EventLog, reference: EventReference): Promise<string | undefined> {
  switch (reference.kind) {
    case 'position':
      return (await eventAt(log.store, reference.position))[0]?.metadata.correlationId;
    case 'id': {
      const [event] = await eventAt(log.store, await log.findEvent(reference.id));
      if (event !== undefined) return event.metadata.correlationId;
      const [result] = await eventAt(log.store, await log.findCommand(reference.id));
      return result?.metadata.commandId === reference.id ? result.metadata.correlationId : reference.id;
    }
    case 'stream':
      return reference.stream;
    case 'correlation':
      return reference.id;
  }
}

async function eventAt(store: EventStore, position = 0): Promise<readonly RecordedEvent[]> {
  if (position === 0) return [];
  const page = await store.readLog({ after: position - 1, until: position, pageSize: 1 });
  return page.events;
}

function notFound({ kind }: EventReference, { text, causes }: { readonly text: string; readonly causes: boolean }): string {
  const what = {
    position: `The log has no event at position ${text}${causes ? ', or it was appended without a correlation id' : ''}`,
    id: `The log has no event ${text}, and none with it as correlation or command id`,
    stream: `There is no stream ${text}, and no event with it as correlation id`,
    correlation: `The log has no event with the correlation id ${text}`,
  }[kind];
  return `${what}. \`kiroku events tail\` shows what there is.`;
}
