import type { EventMetadata, JsonObject, RecordedEvent, StreamName } from '@kiroku/core';

/** A row of kiroku.events as the statements in sql/read return it. */
export interface EventRow {
  readonly position: number;
  readonly stream: StreamName;
  readonly version: number;
  readonly id: string;
  readonly type: string;
  readonly schema_version: number;
  readonly data: JsonObject;
  readonly metadata: EventMetadata;
  readonly tags: readonly string[];
  readonly recorded_at: string;
}

export function toRecordedEvent(row: EventRow): RecordedEvent {
  return {
    position: row.position,
    stream: row.stream,
    version: row.version,
    id: row.id,
    type: row.type,
    schemaVersion: row.schema_version,
    data: row.data,
    metadata: row.metadata,
    tags: row.tags,
    recordedAt: row.recorded_at,
  };
}

/** A row that carries the head; without an event, if there was none. */
export type PageRow = { readonly head: number } & (EventRow | { readonly position: null });

/** The events of rows that carry the head. */
export function toEvents(rows: readonly PageRow[]): readonly RecordedEvent[] {
  return rows.flatMap((row) => (row.position === null ? [] : toRecordedEvent(row)));
}
