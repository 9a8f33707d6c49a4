import type { EventStore, PartitionCheckpoint, Projection, ReadModelStore } from '@kiroku/core';

/** How far a read model is behind the log. */
export interface ProjectionLag {
  readonly head: number;
  /** Of the slowest partition. */
  readonly position: number;
  /** Events of the log it has not looked at. */
  readonly events: number;
  /** Age of the first of them; 0 if there is none. */
  readonly seconds: number;
  /** Empty if the version has no build that is read. */
  readonly partitions: readonly PartitionCheckpoint[];
}

/** Measured on the log and the checkpoints, not on who moves them: a process that is dead cannot look healthy. */
export async function measureLag(
  projection: Projection,
  {
    eventLog,
    readModels,
    now = Date.now,
  }: {
    readonly eventLog: Pick<EventStore, 'head' | 'readLog'>;
    readonly readModels: Pick<ReadModelStore, 'checkpoints'>;
    /** Milliseconds. Default: the clock. */
    readonly now?: () => number;
  },
): Promise<ProjectionLag> {
  const partitions = await readModels.checkpoints(projection);
  const position = partitions.length === 0 ? 0 : Math.min(...partitions.map((each) => each.position));
  const { position: head } = await eventLog.head();
  const events = Math.max(0, head - position);
  const [first] = events === 0 ? [] : (await eventLog.readLog({ after: position, until: position + 1, pageSize: 1 })).events;
  const seconds = first === undefined ? 0 : Math.max(0, now() - Date.parse(first.recordedAt)) / 1_000;
  return { head, position, events, seconds, partitions };
}
