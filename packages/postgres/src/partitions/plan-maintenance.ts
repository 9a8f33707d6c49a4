/** What is to be done to the partitions of the log. Positions and times include the first and, of times, exclude the last. */
export type MaintenanceStep =
  | { readonly kind: 'createEventPartition'; readonly firstPosition: number; readonly lastPosition: number }
  | { readonly kind: 'createIdempotencyPartition'; readonly from: string; readonly until: string }
  | { readonly kind: 'dropIdempotencyPartition'; readonly from: string; readonly until: string };

export interface PartitionState {
  readonly head: number;
  /** The log's clock, ISO 8601 UTC: never before the last recorded time. */
  readonly now: string;
  /** Positions in a new partition of events. */
  readonly partitionSize: number;
  /** Partitions to keep ready beyond the one that is being filled. */
  readonly partitionsAhead: number;
  readonly idempotencyDays: number;
  readonly idempotencyAhead: number;
  /** Those that still take events, in order. */
  readonly events: readonly { readonly firstPosition: number; readonly lastPosition: number }[];
  /** In order. */
  readonly idempotency: readonly { readonly from: string; readonly until: string; readonly expired: boolean }[];
}

const dayMs = 86_400_000;

/** What the log needs: first what appends may be waiting for, last what can wait. */
export function planMaintenance(state: PartitionState): readonly MaintenanceStep[] {
  return [...eventSteps(state), ...idempotencySteps(state), ...dropSteps(state)];
}

function eventSteps({ head, events, partitionSize, partitionsAhead }: PartitionState): readonly MaintenanceStep[] {
  const end = events.at(-1)?.lastPosition ?? head;
  return Array.from({ length: Math.max(0, partitionsAhead + 1 - events.length) }, (_, index) => ({
    kind: 'createEventPartition',
    firstPosition: end + index * partitionSize + 1,
    lastPosition: end + (index + 1) * partitionSize,
  }));
}

function idempotencySteps({ now, idempotency, idempotencyDays, idempotencyAhead }: PartitionState): readonly MaintenanceStep[] {
  const nowMs = Date.parse(now);
  const there = idempotency.filter(({ until }) => Date.parse(until) > nowMs).length;
  const today = Math.floor(nowMs / dayMs) * dayMs;
  const last = idempotency.at(-1);
  const end = last === undefined ? today : Math.max(Date.parse(last.until), today);
  const span = idempotencyDays * dayMs;
  return Array.from({ length: Math.max(0, idempotencyAhead + 1 - there) }, (_, index) => ({
    kind: 'createIdempotencyPartition',
    from: timestamp(end + index * span),
    until: timestamp(end + (index + 1) * span),
  }));
}

function dropSteps({ idempotency }: PartitionState): readonly MaintenanceStep[] {
  return idempotency.flatMap(({ from, until, expired }) => (expired ? { kind: 'dropIdempotencyPartition', from, until } : []));
}

function timestamp(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z'); // microseconds, as columns are read
}
