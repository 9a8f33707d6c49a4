import { toKirokuError } from '../errors.ts';
import type { Pool } from '../pool.ts';
import { statement } from '../statement.ts';

/** The position of the event with an id (a UUID), `undefined` if there is none. Throws `DatabaseUnavailable`. */
export async function findEventPosition(pool: Pool, id: string): Promise<number | undefined> {
  try {
    const found = await pool.query<{ position: number }>({ ...statement('read/find_event_position'), values: [id] });
    return found.rows[0]?.position;
  } catch (error) {
    throw toKirokuError(error);
  }
}
