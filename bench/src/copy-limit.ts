import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { median } from './load.ts';

const rows = 200_000;
const rounds = 3;

/**
 * What PostgreSQL itself can do: COPY of events from a file on the server into a table like the one that is being filled, with all of its
 * indexes. Rows a second, the median of three. The database must hold some events.
 */
export async function copyLimit(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const file = join(tmpdir(), `kiroku-bench-${randomUUID()}.copy`);
  try {
    await client.query(`copy (select * from kiroku.events order by position desc limit ${rows}) to '${file}'`);
    const runs = [];
    for (let round = 0; round < rounds; round++) {
      await client.query('drop table if exists kiroku.copied');
      await client.query('create table kiroku.copied (like kiroku.events_1 including all)');
      const started = performance.now();
      const { rowCount } = await client.query(`copy kiroku.copied from '${file}'`);
      runs.push({ rate: ((rowCount ?? 0) / (performance.now() - started)) * 1000, p50: 0, p99: 0 });
    }
    await client.query('drop table kiroku.copied');
    return median(runs).rate;
  } finally {
    await client.end();
    await rm(file, { force: true });
  }
}
