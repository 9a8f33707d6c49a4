import pg from 'pg';

interface Counters {
  readonly appends: number;
  readonly pagesRead: number;
  readonly readMs: number;
  readonly fullPages: number;
  readonly walBytes: number;
  readonly checkpoints: number;
}

/** Runs something that appends single events, and prints what one of them made the server do. */
export async function costOf<T>(url: string, run: () => Promise<T>): Promise<T> {
  const before = await readCounters(url);
  const result = await run();
  const after = await readCounters(url);
  const appends = after.appends - before.appends;
  const each = (name: keyof Counters) => (after[name] - before[name]) / appends;
  console.log(
    `  an append: ${each('pagesRead').toFixed(2)} pages read in ${(each('readMs') * 1_000).toFixed(1)} µs, ${each('walBytes').toFixed(0)} bytes of WAL with ${each('fullPages').toFixed(2)} full pages; ${after.checkpoints - before.checkpoints} checkpoints`,
  );
  return result;
}

async function readCounters(url: string): Promise<Counters> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<Counters>(counters);
  await client.end();
  return rows[0] as Counters; // one row
}

const counters = `
  select
    (select max(last_position) from kiroku.commits)::float8 as appends,
    d.blks_read::float8 as "pagesRead",
    d.blk_read_time as "readMs",
    w.wal_fpi::float8 as "fullPages",
    w.wal_bytes::float8 as "walBytes",
    (c.num_timed + c.num_requested)::float8 as checkpoints
  from pg_stat_database d, pg_stat_wal w, pg_stat_checkpointer c
  where d.datname = current_database()`;
