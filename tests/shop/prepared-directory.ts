import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';

const copy = promisify(execFile);

/** Where the run of this name keeps the data directory that others are copies of. */
export function preparedDirectoryOf(run: string): string {
  return join(tmpdir(), `kiroku-prepared-${run}`);
}

/** Fills a new, empty directory with a copy of what `make` puts into one; it is asked to only once in a run. */
export async function copyPrepared(directory: string, make: (directory: string) => Promise<void>): Promise<void> {
  const prepared = preparedDirectoryOf(process.env.KIROKU_TEST_RUN ?? '');
  if (!existsSync(prepared)) await makeOnce(prepared, make);
  await copy('cp', ['-a', `${prepared}/.`, directory]); // unlike Node's own, keeps the owner, which is that of the server
}

async function makeOnce(prepared: string, make: (directory: string) => Promise<void>): Promise<void> {
  const client = new pg.Client(process.env.KIROKU_TEST_DATABASE_URL);
  await client.connect();
  try {
    await client.query(`select pg_advisory_lock(hashtextextended('kiroku.prepared-directory', 0))`);
    if (existsSync(prepared)) return; // another worker has made it meanwhile
    const unfinished = `${prepared}-new`;
    await rm(unfinished, { recursive: true, force: true });
    await make(unfinished);
    await rename(unfinished, prepared);
  } finally {
    await client.end();
  }
}
