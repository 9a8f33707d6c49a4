import type { Batch } from './batch.ts';
import { arrayLiteral, expectedNumber } from './batch-columns.ts';
import type { BatchRow } from './batch-outcomes.ts';

/** What append/append_one.sql returns. */
export interface LoneRow {
  readonly outcome: number;
  readonly position: number;
  readonly version: number;
}

/**
 * The values of append/append_one.sql, if the batch is no more than one event for one stream, as most are when few write: that statement takes
 * half of what append_batch takes for it. An id that the caller chose, or a condition, is for append_batch.
 */
export function loneColumns({ appends }: Pick<Batch, 'appends'>): readonly unknown[] | undefined {
  const [append] = appends;
  if (append === undefined || appends.length > 1 || append.streams.length > 1 || append.conditions.length > 0) return undefined;
  const [slot] = append.streams;
  const [event] = slot?.events ?? [];
  if (slot === undefined || event === undefined || slot.events.length > 1 || event.id !== undefined) return undefined;
  return [
    append.idempotency?.commandId,
    append.idempotency?.fingerprint,
    slot.stream,
    expectedNumber(slot.expectedVersion),
    event.storedId,
    event.type,
    event.schemaVersion,
    event.data,
    event.metadata,
    arrayLiteral(event.tags),
    event.digest,
  ];
}

/** The same as append_batch would have returned it. */
export function loneOutcome({ outcome, position, version }: LoneRow): BatchRow {
  return { outcomes: [outcome], positions: [position], versions: [version], reasons: [1] };
}
