import { createHash } from 'node:crypto';

/** The partition an instance belongs to, from 0. Never changes: checkpoints depend on it. */
export function partitionOf(instance: string, partitions: number): number {
  return createHash('md5').update(instance).digest().readUInt32BE(0) % partitions;
}
