import type { Pool } from '../pool.ts';
import { rowsOf } from '../rows-of.ts';

/**
 * Where the log ended when a command had taken effect: the position of its last event, or another's if it made none. `undefined` if the
 * command is not known, or not any more. Throws `DatabaseUnavailable`.
 */
export async function findCommandPosition(pool: Pool, commandId: string): Promise<number | undefined> {
  const [found] = await rowsOf<{ position: number }>(pool, 'find_events/find_command_position', [commandId]);
  return found?.position;
}
