import type { ExpectedVersion } from '@kiroku/core';
import type { Batch } from './batch.ts';
import type { PreparedAppend, PreparedEvent } from './prepared-append.ts';

/** The batch as the values of append/append_batch.sql; see migrations/event_store/0002_append_batch.sql for what each column means. */
export function batchColumns({ appends, overlaps }: Pick<Batch, 'appends' | 'overlaps'>): readonly unknown[] {
  const slots = slotColumns(appends);
  const events = eventColumns(appends);
  return [
    appends.map(({ idempotency }) => idempotency?.commandId),
    appends.map(({ idempotency }) => idempotency?.fingerprint),
    appends.map(({ streams }) => streams.length),
    slots.streams,
    slots.streamOrdinals,
    slots.expected,
    slots.eventCounts,
    events.slots,
    events.ids,
    events.types,
    events.schemaVersions,
    events.data,
    events.metadata,
    events.tags,
    Buffer.concat(events.digests),
    events.ownIdAppends,
    events.ownIdEvents,
    conditionItems(appends),
    overlaps.map(({ append }) => append),
    overlaps.map(({ event }) => event),
    overlaps.map(({ after }) => after),
  ];
}

function slotColumns(appends: readonly PreparedAppend[]) {
  const ordinals = new Map<string, number>();
  const streamOrdinals: number[] = [];
  const expected: number[] = [];
  const eventCounts: number[] = [];
  for (const { streams } of appends) {
    for (const { stream, expectedVersion, events } of streams) {
      const ordinal = ordinals.get(stream) ?? ordinals.size + 1;
      ordinals.set(stream, ordinal);
      streamOrdinals.push(ordinal);
      expected.push(expectedNumber(expectedVersion));
      eventCounts.push(events.length);
    }
  }
  return { streams: [...ordinals.keys()], streamOrdinals, expected, eventCounts };
}

function eventColumns(appends: readonly PreparedAppend[]) {
  const columns = {
    slots: [] as number[],
    ids: [] as string[],
    types: [] as string[],
    schemaVersions: [] as number[],
    data: [] as string[],
    metadata: [] as string[],
    tags: [] as string[],
    digests: [] as Buffer[],
    ownIdAppends: [] as number[],
    ownIdEvents: [] as number[],
  };
  let slot = 0;
  for (const [index, { streams }] of appends.entries()) {
    for (const { events } of streams) {
      slot += 1;
      for (const event of events) addEvent(columns, event, slot, index + 1);
    }
  }
  return columns;
}

type EventColumns = ReturnType<typeof eventColumns>;

function addEvent(columns: EventColumns, event: PreparedEvent, slot: number, append: number): void {
  columns.slots.push(slot);
  columns.ids.push(event.storedId);
  columns.types.push(event.type);
  columns.schemaVersions.push(event.schemaVersion);
  columns.data.push(event.data);
  columns.metadata.push(event.metadata);
  columns.tags.push(arrayLiteral(event.tags));
  columns.digests.push(event.digest);
  if (event.id === undefined) return;
  columns.ownIdAppends.push(append);
  columns.ownIdEvents.push(columns.ids.length);
}

function conditionItems(appends: readonly PreparedAppend[]): string | undefined {
  const items = appends.flatMap(({ conditions }, index) =>
    conditions.flatMap(({ query, after }) => query.map(({ types, tags }) => ({ append: index + 1, after, types, tags }))),
  );
  return items.length === 0 ? undefined : JSON.stringify(items);
}

/** An expected version as the append functions take it. */
export function expectedNumber(expected: ExpectedVersion): number {
  switch (expected) {
    case 'any':
      return -1;
    case 'exists':
      return -2;
    case 'noStream':
      return 0;
    default:
      return expected;
  }
}

/** A list of texts as PostgreSQL reads it. */
export function arrayLiteral(texts: readonly string[]): string {
  return `{${texts.map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;
}
