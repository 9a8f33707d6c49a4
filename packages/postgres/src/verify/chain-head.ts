import { KirokuError } from '@kiroku/core';
import { hashOfEmptyLog } from '../chain/commit-hash.ts';
import type { Pool } from '../pool.ts';
import { rowsOf } from '../rows-of.ts';
import type { Finding } from './finding.ts';

/** Where the log ended at a moment, and the hash that everything up to there amounts to. */
export type ChainHead = {
  /** Id of the log. */
  readonly log: string;
  readonly timeline: number;
  /** 0 if it was empty. */
  readonly position: number;
  /** Of the last commit, 64 hexadecimal digits. */
  readonly hash: string;
  /** When that was recorded; absent if the log was empty. */
  readonly recordedAt?: string;
};

/** Reads where the log ends. Throws `DatabaseUnavailable`, or `LogMismatch` if it has lost its identity. */
export async function readChainHead(pool: Pick<Pool, 'query'>): Promise<ChainHead> {
  const found = await rowsOf<{ id: string; timeline: number; position: number; hash: Buffer | null; recorded_at: string | null }>(
    pool,
    'verify/read_chain_head',
  );
  const [row] = found;
  if (row === undefined) throw new KirokuError('LogMismatch', 'The row in kiroku.log is gone. Restore the database from a backup.');
  const { id: log, timeline, position, hash, recorded_at: recordedAt } = row;
  return { log, timeline, position, hash: (hash ?? hashOfEmptyLog(log)).toString('hex'), ...(recordedAt !== null && { recordedAt }) };
}

/** Events that no commit can cover: before the beginning, or after the head. The first 100. Throws `DatabaseUnavailable`. */
export async function findStrayEvents(pool: Pool): Promise<readonly Finding[]> {
  const rows = await rowsOf<{ position: number; stream: string }>(pool, 'verify/find_strays', [100]);
  return rows.map((row) => ({ kind: 'EventBeyondHead', ...row, detail: 'the event stands outside the log' }));
}
