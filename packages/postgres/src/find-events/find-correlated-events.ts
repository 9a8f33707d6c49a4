import type { RecordedEvent } from '@kiroku/core';
import { toKirokuError } from '../errors.ts';
import type { Pool } from '../pool.ts';
import { asEventRows, type EventRow, toRecordedEvent } from '../read/event-row.ts';
import { statement } from '../statement.ts';

/** The first `limit` events whose metadata has this correlation id, in the order of the log. Throws `DatabaseUnavailable`. */
export async function findCorrelatedEvents(pool: Pool, correlationId: string, limit: number): Promise<readonly RecordedEvent[]> {
  try {
    const { rows } = await pool.query<EventRow>({
      ...statement('find_events/find_correlated_events'),
      ...asEventRows,
      values: [correlationId, limit],
    });
    return rows.map(toRecordedEvent);
  } catch (error) {
    throw toKirokuError(error);
  }
}
