import type { ReadModel } from '@kiroku/core';
import type pg from 'pg';
import { statement } from '../statement.ts';
import type { StoredLog } from './built-from.ts';

export interface LockedPartition extends StoredLog {
  readonly epoch: number;
}

/** Makes the transaction the only one that writes a partition of a build; `undefined` if there is no such partition. */
export async function lockPartition(
  client: pg.ClientBase,
  { projection, build }: ReadModel,
  partition: number,
): Promise<LockedPartition | undefined> {
  const values = [projection.name, projection.version, build, partition];
  const { rows } = await client.query<LockedPartition>({ ...statement('read_models/lock_partition'), values });
  return rows[0];
}
