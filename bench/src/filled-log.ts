import { migrate } from '@kiroku/postgres';
import pg from 'pg';
import { dropIndexes } from './partition-indexes.ts';

export interface FilledLog {
  /** As superuser. */
  readonly url: string;
  readonly streams: number;
}

export interface FillOptions {
  /** As superuser, of an empty database. */
  readonly url: string;
  readonly events: number;
  readonly streams: number;
  /** Events in a partition. Default: that of a new installation. */
  readonly partitionSize?: number;
}

const chunk = 100_000;

/**
 * Fills a log with events of streams `order-1` … `order-<streams>`, each event of a stream chosen at random, as if appended one by one but
 * for the hash chain. Loaded with the tables' owner's rights, and indexed afterwards: through the append function it would take hours.
 */
export async function fillLog({ url, events, streams, partitionSize }: FillOptions): Promise<FilledLog> {
  await migrate({ database: 'event_store', url });
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('set synchronous_commit = off');
  await client.query("set maintenance_work_mem = '1GB'");
  const size = await preparePartitions(client, events, partitionSize);
  const indexes = await dropIndexes(client);
  const versions = new Int32Array(streams + 1);
  const lastPartitions = new Int32Array(streams + 1);
  for (let from = 1; from <= events; from += chunk) {
    const drawn = Array.from({ length: Math.min(chunk, events - from + 1) }, (_, n) => {
      const stream = 1 + Math.floor(Math.random() * streams);
      const partition = Math.ceil((from + n) / size);
      const enters = lastPartitions[stream] !== partition;
      lastPartitions[stream] = partition;
      versions[stream] = (versions[stream] ?? 0) + 1;
      return { stream, version: versions[stream], enters };
    });
    const columns = [drawn.map(({ stream }) => stream), drawn.map(({ version }) => version), drawn.map(({ enters }) => enters)];
    await client.query(insertEvents, [from, ...columns.slice(0, 2)]);
    await client.query(insertStreams, [from, size, ...columns]);
    await client.query(insertCommit, [from, from + drawn.length - 1]);
  }
  for (const definition of indexes) await client.query(definition);
  await client.query('vacuum analyze');
  await client.query('checkpoint');
  await client.end();
  return { url, streams };
}

/** Creates partitions for all of it and some more; returns their size. */
async function preparePartitions(client: pg.Client, events: number, partitionSize?: number): Promise<number> {
  if (partitionSize !== undefined) {
    await client.query('update kiroku.settings set event_partition_size = $1', [partitionSize]);
    await client.query('truncate kiroku.event_partitions');
    await client.query(dropPartitions);
    await client.query('select kiroku.create_event_partition() from generate_series(1, 3)');
  }
  const { rows } = await client.query<{ size: string }>('select event_partition_size as size from kiroku.settings');
  const size = Number(rows[0]?.size);
  await client.query('select kiroku.create_event_partition() from generate_series(1, $1)', [Math.ceil(events / size)]);
  return size;
}

const dropPartitions = `
  do $block$
  declare
    name text;
  begin
    for name in select c.oid::regclass::text from pg_class c join pg_inherits i on i.inhrelid = c.oid
      where i.inhparent in ('kiroku.events'::regclass, 'kiroku.event_tags'::regclass) and c.relkind = 'r'
    loop
      execute 'drop table ' || name;
    end loop;
  end
  $block$`;

const insertEvents = `
  insert into kiroku.events (position, recorded_at, version, schema_version, id, stream, type, tags, digest, data, metadata)
  select n + $1 - 1, now(), version, 1, gen_random_uuid(), 'order-' || stream, 'OrderPlaced', '{}', sha256(n::text::bytea),
    json_build_object('orderId', gen_random_uuid(), 'customerId', gen_random_uuid(), 'note', repeat('x', 170)),
    json_build_object('correlationId', gen_random_uuid(), 'actor', 'customer')
  from unnest($2::integer[], $3::integer[]) with ordinality e (stream, version, n)`;

const insertStreams = `
  insert into kiroku.streams (stream, partition, first_version, first_position, category)
  select 'order-' || stream, (n + $1 - 2) / $2 + 1, version, n + $1 - 1, 'order'
  from unnest($3::integer[], $4::integer[], $5::boolean[]) with ordinality e (stream, version, enters, n)
  where enters`;

const insertCommit = `insert into kiroku.commits (first_position, last_position, recorded_at, hash) values ($1, $2, now(), sha256(''))`;
