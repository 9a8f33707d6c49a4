import type { EventMetadata } from '@kiroku/core';
import type { Pool } from '../pool.ts';
import { rowsOf } from '../rows-of.ts';

/** An event as it is stored: its data is the text that was appended. */
export interface StoredEvent {
  readonly position: number;
  readonly id: string;
  readonly type: string;
  readonly schemaVersion: number;
  readonly data: string;
  readonly metadata: EventMetadata;
}

interface Row extends Omit<StoredEvent, 'schemaVersion'> {
  readonly ordinal: number;
  readonly schema_version: number;
}

/** The events at places of streams, in the order of the places; `undefined` where there is none. Throws `DatabaseUnavailable`. */
export async function findEventsAt(
  pool: Pool,
  places: readonly { readonly stream: string; readonly version: number }[],
): Promise<readonly (StoredEvent | undefined)[]> {
  if (places.length === 0) return [];
  const values = [places.map(({ stream }) => stream), places.map(({ version }) => version)];
  const rows = await rowsOf<Row>(pool, 'find_events/find_events_at', values);
  const found = new Map(rows.map(({ ordinal, schema_version: schemaVersion, ...row }) => [ordinal, { ...row, schemaVersion }]));
  return places.map((_, index) => found.get(index + 1));
}
