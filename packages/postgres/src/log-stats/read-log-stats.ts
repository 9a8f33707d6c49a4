import { toKirokuError } from '../errors.ts';
import type { Pool } from '../pool.ts';
import { statement } from '../statement.ts';
import { readChainHead } from '../verify/chain-head.ts';
import { type Breakdown, breakdown, type Counted } from './breakdown.ts';
import { firstPositionSince } from './first-position-since.ts';
import { samplePositions } from './sample-positions.ts';

export interface LogStatsOptions {
  /** Count every event, however many there are: reads the whole log. Default false. */
  readonly exact?: boolean;
  /** Above this many events, types and categories are estimated. Default 200,000. */
  readonly countedUpTo?: number;
  /** Events to estimate from. Default 20,000: a share is right to 0.7 points with 95 % probability. */
  readonly sampleSize?: number;
  /** A type with fewer events is counted also when the others are estimated. Default 10,000. */
  readonly countedTypes?: number;
  /** Default: the system's clock. */
  readonly now?: () => Date;
}

export interface TableSize {
  readonly table: string;
  readonly tableBytes: number;
  readonly indexBytes: number;
  /** 0: it is not partitioned. */
  readonly partitions: number;
}

/** What is in the log. */
export interface LogStats extends Breakdown {
  readonly log: string;
  readonly timeline: number;
  readonly events: number;
  /** ISO 8601. Absent if there are no events. */
  readonly firstRecordedAt?: string;
  readonly lastRecordedAt?: string;
  /** Events of the last hour and the last 24 hours. */
  readonly lastHour: number;
  readonly lastDay: number;
  readonly tables: readonly TableSize[];
}

/** Reads figures about the log. Throws `DatabaseUnavailable`. */
export async function readLogStats(pool: Pool, options: LogStatsOptions = {}): Promise<LogStats> {
  const { exact = false, countedUpTo = 200_000, now = () => new Date() } = options;
  try {
    const { log, timeline, position: events, recordedAt } = await readChainHead(pool);
    const sampled = !exact && events > countedUpTo;
    const ago = (ms: number) => new Date(now().getTime() - ms).toISOString();
    const since = async (time: string) => events + 1 - (await firstPositionSince((position) => recordedAtOf(pool, position), events, time));
    const firstRecordedAt = await recordedAtOf(pool, 1);
    return {
      log,
      timeline,
      events,
      ...(firstRecordedAt !== undefined && { firstRecordedAt }),
      ...(recordedAt !== undefined && { lastRecordedAt: recordedAt }),
      lastHour: await since(ago(3_600_000)),
      lastDay: await since(ago(86_400_000)),
      tables: await sizes(pool),
      ...(sampled
        ? await estimate(pool, events, options)
        : breakdown({ events, counted: await rows<Counted>(pool, 'count_events', [events]) })),
    };
  } catch (error) {
    throw toKirokuError(error);
  }
}

async function estimate(pool: Pool, events: number, options: LogStatsOptions): Promise<Breakdown> {
  const { sampleSize = 20_000, countedTypes = 10_000 } = options;
  const positions = samplePositions(events, sampleSize);
  const counted = await rows<Counted>(pool, 'sample_events', [positions]);
  const types = await rows<{ type: string; events: number }>(pool, 'list_types', [countedTypes]);
  const categories = await rows<{ category: string }>(pool, 'list_categories');
  return breakdown({
    events,
    counted,
    sample: positions.length,
    rareTypes: new Map(types.map(({ type, events: count }) => [type, count < countedTypes ? count : undefined])),
    categories: categories.map(({ category }) => category),
  });
}

async function recordedAtOf(pool: Pool, position: number): Promise<string | undefined> {
  return (await rows<{ recorded_at: string }>(pool, 'find_commit_at', [position]))[0]?.recorded_at;
}

async function sizes(pool: Pool): Promise<readonly TableSize[]> {
  const found = await rows<{ table: string; table_bytes: number; index_bytes: number; partitions: number }>(pool, 'list_sizes');
  return found.map((row) => ({ table: row.table, tableBytes: row.table_bytes, indexBytes: row.index_bytes, partitions: row.partitions }));
}

async function rows<R extends object>(pool: Pool, name: string, values: readonly unknown[] = []): Promise<readonly R[]> {
  return (await pool.query<R>({ ...statement(`log_stats/${name}`), values: [...values] })).rows;
}
