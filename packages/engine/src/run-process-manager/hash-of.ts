import { hash } from 'node:crypto';

/**
 * Modulo the number of partitions it is the partition an instance belongs to. Never changes: an instance that moved to a partition with another
 * checkpoint would miss events or get them again. So it stays, beside the quicker hash that the rows of projections are partitioned by.
 */
export function hashOf(instance: string): number {
  return hash('md5', instance, 'buffer').readUInt32BE(0);
}
