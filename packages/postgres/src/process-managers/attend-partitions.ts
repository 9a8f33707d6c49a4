import type { ProcessLease, ProcessManagerStore } from '@kiroku/core';
import type pg from 'pg';
import { statement } from '../statement.ts';

interface LeaseRow {
  readonly process_manager: string;
  readonly partition: number;
  readonly partitions: number;
  readonly epoch: number;
}

/** Renews what a process holds, and takes or gives up partitions until it has its fair share. */
export async function attendPartitions(
  client: pg.PoolClient,
  { instance, processManagers, leaseMs }: Parameters<ProcessManagerStore['attend']>[0],
): Promise<readonly ProcessLease[]> {
  await client.query({ ...statement('process_managers/lock_process_managers'), values: [processManagers] });
  await client.query({ ...statement('process_managers/attend'), values: [instance, processManagers, leaseMs] });
  // a statement of its own: it must see who else attends
  const { rows } = await client.query<LeaseRow>({
    ...statement('process_managers/lease_partitions'),
    values: [instance, processManagers, leaseMs],
  });
  return rows.map(({ process_manager, ...lease }) => ({ ...lease, processManager: process_manager }));
}
