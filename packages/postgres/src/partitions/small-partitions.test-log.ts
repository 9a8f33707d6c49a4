import { type ThrowAwayDatabase, throwAwayDatabase } from '@kiroku/testing';
import pg from 'pg';
import { type MigrateOptions, migrate } from '../migrate/migrate.ts';

export interface SmallPartitions {
  /** Positions in a partition. */
  readonly size: number;
  /** How many there are at first. */
  readonly count: number;
}

/** A throw-away event store whose partitions of events are so small that a test fills them. */
export function smallPartitions(shape: SmallPartitions): Promise<ThrowAwayDatabase> {
  const migrateAndCut = async (options: MigrateOptions) => {
    await migrate(options);
    await cut(options.url, shape);
  };
  return throwAwayDatabase('event_store', migrateAndCut, { template: `event_store_${shape.count}_of_${shape.size}` });
}

async function cut(url: string, { size, count }: SmallPartitions): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('set role kiroku_owner');
  const settings = await client.query('update kiroku.settings set event_partition_size = $1 where event_partition_size <> $1', [size]);
  if (settings.rowCount === 1) {
    const { rows } = await client.query<{ number: number }>('delete from kiroku.event_partitions returning number');
    for (const { number } of rows) await client.query(`drop table kiroku.events_${number}, kiroku.event_tags_${number}`);
    await client.query('select kiroku.create_event_partition() from generate_series(1, $1)', [count]);
  }
  await client.end();
}
