import { KirokuError } from '@kiroku/core';
import { hashOfEmptyLog } from '../chain/commit-hash.ts';
import { toKirokuError } from '../errors.ts';
import type { Pool } from '../pool.ts';
import { statement } from '../statement.ts';
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
export async function readChainHead(pool: Pool): Promise<ChainHead> {
  const found = await query<{ id: string; timeline: number; position: number; hash: Buffer | null; recorded_at: string | null }>(
    pool,
    'verify/read_chain_head',
  );
  const [row] = found;
  if (row === undefined) throw new KirokuError('LogMismatch', 'The row in kiroku.log is gone. Restore the database from a backup.');
  const { id: log, timeline, position, hash, recorded_at: recordedAt } = row;
  return { log, timeline, position, hash: (hash ?? hashOfEmptyLog(log)).toString('hex'), ...(recordedAt !== null && { recordedAt }) };
}

/** Compares the log with heads that it had earlier: finds a tail that was cut off, and a history that was rewritten with all its hashes. */
export async function compareWithHeads(pool: Pool, heads: readonly ChainHead[]): Promise<readonly Finding[]> {
  const now = await readChainHead(pool);
  const found: Finding[] = [];
  for (const head of heads) {
    const finding = compareIdentity(now, head) ?? (await compareChain(pool, now, head));
    if (finding !== undefined) found.push(finding);
  }
  return found;
}

function compareIdentity(now: ChainHead, { log, timeline, position }: ChainHead): Finding | undefined {
  if (now.log !== log) return { kind: 'OtherLog', position, detail: `the head is one of log ${log}, this is log ${now.log}` };
  if (now.timeline >= timeline) return undefined;
  return {
    kind: 'OtherLog',
    position,
    detail: `the head is one of timeline ${timeline}, this is ${now.timeline}: the database was put back without a restore`,
  };
}

async function compareChain(pool: Pool, now: ChainHead, { position, hash, timeline }: ChainHead): Promise<Finding | undefined> {
  const since = now.timeline > timeline ? `; the log was restored since (timeline ${timeline}, now ${now.timeline})` : '';
  if (now.position < position) {
    const detail = `the log ended at ${position} and ends at ${now.position} now${since}`;
    return { kind: 'TailCut', position: now.position + 1, ...(now.position + 1 < position && { lastPosition: position }), detail };
  }
  if (position === 0) return undefined;
  const [commit] = await query<{ last_position: number; hash: Buffer }>(pool, 'verify/find_commit_at', [position]);
  if (commit?.last_position === position && commit.hash.toString('hex') === hash) return undefined;
  return { kind: 'ChainRewritten', position, detail: `what stands up to here does not have the hash it had${since}` };
}

/** Events that no commit can cover: before the beginning, or after the head. The first 100. Throws `DatabaseUnavailable`. */
export async function findStrayEvents(pool: Pool): Promise<readonly Finding[]> {
  const rows = await query<{ position: number; stream: string }>(pool, 'verify/find_strays', [100]);
  return rows.map((row) => ({ kind: 'EventBeyondHead', ...row, detail: 'the event stands outside the log' }));
}

async function query<R extends object>(pool: Pool, name: string, values: readonly unknown[] = []): Promise<readonly R[]> {
  try {
    return (await pool.query<R>({ ...statement(name), values: [...values] })).rows;
  } catch (error) {
    throw toKirokuError(error);
  }
}
