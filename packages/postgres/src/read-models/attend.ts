import { type Attendance, type HeldPartition, type PartitionLease, type Projection, sharePartitions } from '@kiroku/core';
import type pg from 'pg';
import type { Pool } from '../pool.ts';
import { statement } from '../statement.ts';
import { inTransaction } from '../transaction.ts';

interface Work extends HeldPartition {
  readonly partitions: number;
  readonly epoch: number;
  readonly position: number;
  readonly owner?: string;
  readonly instances: readonly string[];
}

/** Reports an instance alive and gives it its share of the partitions. No row that a batch holds is waited for. */
export async function attend(pool: Pool, attendance: Attendance): Promise<(PartitionLease & { readonly position: number })[]> {
  const { instance, projections, leaseMs } = attendance;
  const declared = [projections.map(({ name }) => name), projections.map(({ version }) => version)];
  return inTransaction(pool, 'begin; set local synchronous_commit = off', async (client) => {
    await client.query({ ...statement('read_models/lock_attendance') });
    await client.query({ ...statement('read_models/report_alive'), values: [instance, ...declared, leaseMs] });
    const found = await client.query<Omit<Work, 'owner'> & { owner: string | null }>({
      ...statement('read_models/list_work'),
      values: declared,
    });
    const work = found.rows.map(({ owner, ...rest }): Work => ({ ...rest, ...(owner !== null && { owner }) }));
    const { keep, take, release } = sharePartitions(instance, work, ({ instances }) => instances);
    if (release.length > 0) {
      await client.query({ ...statement('read_models/release_partitions'), values: [instance, ...columns(release)] });
    }
    const taken = take.length > 0 ? await takePartitions(client, instance, take) : [];
    return [...keep, ...taken].map((held) => toLease(projections, held));
  });
}

async function takePartitions(client: pg.PoolClient, instance: string, wanted: readonly Work[]): Promise<Work[]> {
  const { rows } = await client.query<HeldPartition & { readonly epoch: number }>({
    ...statement('read_models/take_partitions'),
    values: [instance, ...columns(wanted)],
  });
  const id = ({ projection, version, build, partition }: HeldPartition): string => `${projection} ${version} ${build} ${partition}`;
  const epochs = new Map(rows.map((row) => [id(row), row.epoch]));
  return wanted.flatMap((each) => {
    const epoch = epochs.get(id(each));
    return epoch === undefined ? [] : [{ ...each, epoch }];
  });
}

function columns(partitions: readonly HeldPartition[]): [string[], number[], number[], number[]] {
  return [
    partitions.map(({ projection }) => projection),
    partitions.map(({ version }) => version),
    partitions.map(({ build }) => build),
    partitions.map(({ partition }) => partition),
  ];
}

function toLease(projections: readonly Projection[], held: Work): PartitionLease & { readonly position: number } {
  const { build, partition, partitions, epoch, position } = held;
  const projection = projections.find(({ name, version }) => name === held.projection && version === held.version);
  if (projection === undefined) throw new Error(`${held.projection} was not asked for`);
  return { projection, build, partition, partitions, epoch, position };
}
