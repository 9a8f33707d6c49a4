import type { CommandOutcome, EventMetadata } from '@kiroku/core';
import type { Pool } from '../pool.ts';
import { rowsOf } from '../rows-of.ts';

/** A command that a process manager sent. */
export interface SentCommand {
  readonly id: string;
  readonly type: string;
  readonly metadata: EventMetadata;
  /** `undefined`: it is on its way. */
  readonly outcome: CommandOutcome | undefined;
}

/**
 * What the process instances that sent any of these commands have sent with this correlation id, oldest first; also what was refused, of
 * which the log knows nothing. `pool` is of command_db. Throws `DatabaseUnavailable`.
 */
export async function findSentCommands(pool: Pool, ids: readonly string[], correlationId: string): Promise<readonly SentCommand[]> {
  type Row = Omit<SentCommand, 'outcome'> & { readonly outcome: CommandOutcome | null };
  const rows = await rowsOf<Row>(pool, 'find_events/find_sent_commands', [ids, correlationId]);
  return rows.map(({ outcome, ...sent }) => ({ ...sent, outcome: outcome ?? undefined }));
}
