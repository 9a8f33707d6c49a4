import { toKirokuError } from '../errors.ts';
import type { Pool } from '../pool.ts';
import { statement } from '../statement.ts';

/**
 * Where the log ended when a command had taken effect: the position of its last event, or another's if it made none. `undefined` if the
 * command is not known, or not any more. Throws `DatabaseUnavailable`.
 */
export async function findCommandPosition(pool: Pool, commandId: string): Promise<number | undefined> {
  try {
    const found = await pool.query<{ position: number }>({ ...statement('find_events/find_command_position'), values: [commandId] });
    return found.rows[0]?.position;
  } catch (error) {
    throw toKirokuError(error);
  }
}
