import { KirokuError } from '@kiroku/core';
import type { Pool } from '../pool.ts';
import { rowsOf } from '../rows-of.ts';
import { type AuditChain, auditChains, beforeFirst } from './audit-chain.ts';
import type { AuditFinding, AuditHead } from './audit-finding.ts';
import { ChainCheck, type ChainedEntry, type ChainStart } from './chain-check.ts';

/** What a verification has found. */
export interface AuditVerification {
  /** Where the chains ended. */
  readonly heads: readonly AuditHead[];
  readonly findings: readonly AuditFinding[];
}

const pageSize = 2_000;
/** Entries outside a chain that are named. */
const mostNamed = 100;

/**
 * Recomputes both chains, page by page, while they are in use, and compares them with heads they had earlier. `pool`: of command_db. Throws
 * `DatabaseUnavailable`.
 */
export async function verifyAudit(pool: Pool, earlier: readonly AuditHead[] = []): Promise<AuditVerification> {
  const heads: AuditHead[] = [];
  const findings: AuditFinding[] = [];
  for (const chain of auditChains) {
    const start = chain === 'commands' ? await readStart(pool) : undefined;
    const check = new ChainCheck(chain, start);
    for await (const page of pagesOf(pool, chain, start?.sequence)) for (const entry of page) check.entry(entry);
    findings.push(...(await beforeStart(pool, start)), ...check.end());
    heads.push({ chain, sequence: check.head.sequence, hash: check.head.hash.toString('hex') });
  }
  const unchained = await rowsOf<{ entry: string }>(pool, 'audit/find_unchained', [mostNamed]);
  for (const { entry } of unchained)
    findings.push({ chain: 'operators', kind: 'EntryInserted', entry, detail: 'it is in its table, and not in the chain' });
  for (const head of earlier) findings.push(...(await compareWithHead(pool, head, heads)));
  return { heads, findings };
}

/** Where the chains end. Throws `DatabaseUnavailable`. */
export async function readAuditHeads(pool: Pool): Promise<readonly AuditHead[]> {
  const rows = await rowsOf<{ chain: AuditChain; sequence: number; hash: Buffer }>(pool, 'audit/read_heads');
  return auditChains.map((chain) => {
    const { sequence, hash } = rows.find((row) => row.chain === chain) ?? { sequence: 0, hash: beforeFirst };
    return { chain, sequence, hash: hash.toString('hex') };
  });
}

async function readStart(pool: Pool): Promise<ChainStart | undefined> {
  return (await rowsOf<ChainStart>(pool, 'audit/find_start'))[0];
}

/** Where entries were removed, there is none any more. */
async function beforeStart(pool: Pool, start: ChainStart | undefined): Promise<readonly AuditFinding[]> {
  if (start === undefined) return [];
  const stray = await rowsOf<{ sequence: number; entry: string }>(pool, 'audit/find_before_start', [start.sequence, mostNamed]);
  return stray.map((row) => ({ chain: 'commands', kind: 'EntryInserted', ...row, detail: 'the chain begins after it' }));
}

/** The database reads the next page while one is checked. */
async function* pagesOf(pool: Pool, chain: AuditChain, from = 0): AsyncGenerator<readonly ChainedEntry[], void> {
  const pageAfter = (after: number) => rowsOf<ChainedEntry>(pool, `audit/chain_of_${chain}`, [after, pageSize]);
  for (let next: Promise<readonly ChainedEntry[]> | undefined = pageAfter(from); next !== undefined; ) {
    const page: readonly ChainedEntry[] = await next;
    const last = page.at(-1);
    next = last === undefined || page.length < pageSize ? undefined : pageAfter(last.sequence);
    next?.catch(() => undefined); // it is told when it is waited for
    yield page;
  }
}

async function compareWithHead(
  pool: Pool,
  { chain, sequence, hash }: AuditHead,
  now: readonly AuditHead[],
): Promise<readonly AuditFinding[]> {
  if (sequence === 0) return [];
  const end = now.find((head) => head.chain === chain);
  if (end === undefined) throw new KirokuError('Internal', `The chain ${chain} was not verified.`);
  if (end.sequence < sequence) {
    const detail = `the chain ended at ${sequence} and ends at ${end.sequence} now`;
    return [{ chain, kind: 'TailCut', sequence: end.sequence + 1, lastSequence: sequence, detail }];
  }
  const start = chain === 'commands' ? await readStart(pool) : undefined;
  if (start !== undefined && sequence < start.sequence) return []; // it was removed as too old, and so is what could be compared
  const [found] = await rowsOf<{ hash: Buffer }>(pool, 'audit/find_hash', [chain, sequence]);
  if (found?.hash.toString('hex') === hash) return [];
  return [{ chain, kind: 'ChainRewritten', sequence, detail: 'what stands up to here does not have the hash it had' }];
}
