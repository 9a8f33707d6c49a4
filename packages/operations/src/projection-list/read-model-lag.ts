import type { EventStore, PartitionCheckpoint, Projection, ReadModelStore } from '@kiroku/core';
import { type Lag, nowOf, projectionLag } from './projection-lag.ts';

/**
 * How far a read model is, with its partitions, none if it is not there yet; `position`: up to where the slowest is. Measured on the log and the
 * checkpoints, not on who moves them: a process that is dead cannot look healthy.
 */
export async function readModelLag(
  projection: Projection,
  stores: {
    readonly log: Pick<EventStore, 'head' | 'readLog'>;
    readonly readModels: Pick<ReadModelStore, 'checkpoints'>;
    /** The clock that stamps events, milliseconds since 1970. */
    readonly clock: () => Promise<number>;
  },
): Promise<Lag & { readonly position: number; readonly partitions: readonly PartitionCheckpoint[] }> {
  const { log, readModels } = stores;
  const partitions = await readModels.checkpoints(projection);
  const position = partitions.length === 0 ? 0 : Math.min(...partitions.map((each) => each.position));
  const { position: head } = await log.head();
  return { position, partitions, ...(await projectionLag(log, { head, position, now: await nowOf(stores) })) };
}
