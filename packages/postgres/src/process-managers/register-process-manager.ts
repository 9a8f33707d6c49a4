import { KirokuError, type LogIdentity } from '@kiroku/core';
import type pg from 'pg';
import { statement } from '../statement.ts';

/** Enough to spread over a handful of processes. */
const partitions = 4;

/** Registers a process manager. Throws `LogMismatch` if it followed another log before. */
export async function registerProcessManager(client: pg.PoolClient, name: string, log: LogIdentity): Promise<void> {
  await client.query({ ...statement('process_managers/register_process_manager'), values: [name, log.id, log.timeline, partitions] });
  const known = await client.query<{ log_id: string; timeline: number }>({
    ...statement('process_managers/read_process_manager'),
    values: [name],
  });
  const followed = known.rows[0];
  if (followed?.log_id === log.id && followed.timeline === log.timeline) return;
  throw new KirokuError(
    'LogMismatch',
    `The process manager ${name} followed log ${followed?.log_id}, timeline ${followed?.timeline}; the event store is log ${log.id}, timeline ${log.timeline}. Its checkpoint may mean another event there. After a restore, \`kiroku doctor --fix\` has it go on; else connect the databases that belong together.`,
    { details: { processManager: name, log } },
  );
}
