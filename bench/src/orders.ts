import { type DatabaseUrls, jobDefinitions } from '@kiroku/operations';
import { migrate } from '@kiroku/postgres';
import pg from 'pg';
import { application } from './orders-application.ts';
import { dropIndexes } from './partition-indexes.ts';
import type { BenchServer } from './server.ts';

/** Databases with a log of orders: ten events to a stream, streams by turns, a thousand days. */
export async function ordersInstalled(server: BenchServer, count: number): Promise<DatabaseUrls> {
  const urls = {
    event_store: await server.createDatabase(`events_${count}`),
    command_db: await server.createDatabase(`commands_${count}`),
    query_db: await server.createDatabase(`queries_${count}`),
  };
  for (const [database, url] of Object.entries(urls) as [keyof typeof urls, string][]) await migrate({ database, url }); // its own keys
  await addOrders(urls.event_store, { from: 1, count, streams: count / 10 });
  return urls;
}

/** Adds events to such a log, from this position on. */
export async function addOrders(
  url: string,
  { from, count, streams }: { readonly from: number; readonly count: number; readonly streams: number },
) {
  const clients = Array.from({ length: loaders }, () => new pg.Client({ connectionString: url }));
  for (const client of clients) {
    await client.connect();
    await client.query("set synchronous_commit = off; set maintenance_work_mem = '512MB'");
  }
  const [client] = clients as [pg.Client]; // there are some
  const { rows } = await client.query<{ size: string }>('select event_partition_size as size from kiroku.settings');
  await client.query('select kiroku.create_event_partition() from generate_series(1, $1)', [Math.ceil(count / Number(rows[0]?.size))]);
  const indexes = from === 1 ? await dropIndexes(client) : [];
  const end = from + count - 1;
  let next = from;
  await shared(clients, async (each) => {
    if (next > end) return false;
    const [first, last] = [next, Math.min(next + chunk - 1, end)];
    next = last + 1;
    await each.query(insertEvents, [first, last, streams]);
    await each.query(insertCommit, [first, last]);
    return true;
  });
  await shared(clients, async (each) => {
    const index = indexes.pop();
    if (index !== undefined) await each.query(index);
    return index !== undefined;
  });
  await client.query('vacuum analyze');
  await client.query('checkpoint');
  for (const each of clients) await each.end();
}

const loaders = 4;
const chunk = 50_000;

/** Work that connections take from a list until it says that there is none. */
async function shared(clients: readonly pg.Client[], work: (client: pg.Client) => Promise<boolean>): Promise<void> {
  await Promise.all(
    clients.map(async (client) => {
      while (await work(client));
    }),
  );
}

// loaded with the owner's rights, as if appended but for the hash chain: through the append function ten million would take hours
const insertEvents = `
  insert into kiroku.events (position, recorded_at, version, schema_version, id, stream, type, tags, digest, data, metadata)
  select n, now(), (n - 1) / $3 + 1, 1, gen_random_uuid(), 'order-' || id, 'ItemAdded', '{}', sha256(n::text::bytea),
    json_build_object('orderId', id, 'productId', gen_random_uuid(), 'quantity', n % 5 + 1, 'unitPrice', 100 + n % 900,
      'currency', 'EUR', 'addedAt', to_char(timestamp '2024-01-01' + (n % 1000) * interval '1 day', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')),
    json_build_object('correlationId', gen_random_uuid(), 'actor', 'customer')
  from generate_series($1::bigint, $2::bigint) as n
  cross join lateral (select md5((n % $3)::text)::uuid::text as id) as stream`;

const insertCommit = `insert into kiroku.commits (first_position, last_position, recorded_at, hash) values ($1, $2, now(), sha256(''))`;

export interface Measured {
  readonly result: unknown;
  readonly seconds: number;
  /** Of Node's, which a busy machine does not lengthen. */
  readonly cpuSeconds: number;
  /** What the process grew by while it ran, bytes. */
  readonly grown: number;
}

/** Runs a job as a process that has it would, but without its reports. */
export async function runJob(urls: DatabaseUrls, verb: string, args: { readonly [name: string]: unknown }): Promise<Measured> {
  const keys = { findKey: () => Promise.resolve(undefined) } as never; // there is no personal data in these events
  const applicationModule = { module: new URL('./orders-application.js', import.meta.url).href, export: 'application' };
  const definition = jobDefinitions(urls, { application, keys, applicationModule }).find((job) => job.verb === verb);
  if (definition === undefined) throw new Error(`There is no job ${verb}.`);
  let grown = 0;
  const before = process.memoryUsage.rss();
  const watching = setInterval(() => {
    grown = Math.max(grown, process.memoryUsage.rss() - before);
  }, 50);
  const [startedAt, cpu] = [performance.now(), process.cpuUsage()];
  const result = await definition.run({
    id: crypto.randomUUID(),
    arguments: args as never, // of this job
    epoch: 1,
    cursor: undefined,
    signal: new AbortController().signal,
    report: () => undefined,
    saved: () => Promise.resolve(),
    log: () => undefined,
  });
  clearInterval(watching);
  const { user, system } = process.cpuUsage(cpu);
  return { result, seconds: (performance.now() - startedAt) / 1_000, cpuSeconds: (user + system) / 1e6, grown };
}
