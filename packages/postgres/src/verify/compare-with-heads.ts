import { sharedUntil } from '@kiroku/core';
import type { Pool } from '../pool.ts';
import { rowsOf } from '../rows-of.ts';
import { readLogHistory } from '../timelines/read-log-history.ts';
import { type ChainHead, readChainHead } from './chain-head.ts';
import type { Finding } from './finding.ts';

/** A head of a history that a restore left before it: the log cannot be compared with it. */
export type LeftHead = {
  readonly timeline: number;
  readonly position: number;
  /** The last position that its history has in common with the present one. */
  readonly leftAt: number;
};

export interface HeadComparison {
  readonly findings: readonly Finding[];
  readonly leftHeads: readonly LeftHead[];
}

/**
 * Compares the log with heads that it had earlier: finds a tail that was cut off, and a history that was rewritten with all its hashes. Throws
 * `DatabaseUnavailable`.
 */
export async function compareWithHeads(pool: Pool, heads: readonly ChainHead[]): Promise<HeadComparison> {
  const now = await readChainHead(pool);
  const findings: Finding[] = [];
  const leftHeads: LeftHead[] = [];
  for (const head of heads) {
    const left = await leftHead(pool, now, head);
    if (left !== undefined) leftHeads.push(left);
    const finding = left === undefined ? (compareIdentity(now, head) ?? (await compareChain(pool, now, head))) : undefined;
    if (finding !== undefined) findings.push(finding);
  }
  return { findings, leftHeads };
}

async function leftHead(pool: Pool, now: ChainHead, { log, timeline, position }: ChainHead): Promise<LeftHead | undefined> {
  if (log !== now.log || timeline >= now.timeline) return undefined;
  const leftAt = sharedUntil(await readLogHistory(pool), { id: log, timeline });
  return position > leftAt ? { timeline, position, leftAt } : undefined;
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
  const [commit] = await rowsOf<{ last_position: number; hash: Buffer }>(pool, 'verify/find_commit_at', [position]);
  if (commit?.last_position === position && commit.hash.toString('hex') === hash) return undefined;
  return { kind: 'ChainRewritten', position, detail: `what stands up to here does not have the hash it had${since}` };
}
