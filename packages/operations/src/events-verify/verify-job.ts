import type { JobContext, JobDefinition } from '@kiroku/engine';
import {
  type ChainHead,
  compareWithHeads,
  createPool,
  type Finding,
  findStrayEvents,
  type LeftHead,
  type Pool,
  readChainHead,
  type VerificationRange,
  verificationRange,
  verifyLog,
} from '@kiroku/postgres';
import type { DatabaseUrls } from '../config/installation.ts';
import { addFindings, type FoundSoFar, nothingFound } from './found-so-far.ts';

export const verifyVerb = 'events verify';

/** What to verify. */
export type VerifyArguments = {
  /** First position. Default 1. */
  readonly from?: number;
  /** Last position. Default: the head, as of the start. */
  readonly to?: number;
  /** Recompute every digest and the chain. */
  readonly deep: boolean;
  /** Heads that were exported earlier, to compare with. */
  readonly against: readonly ChainHead[];
};

/** Where to go on. */
export type VerifyCursor = VerificationRange & {
  /** `after`, as it was at the start. */
  readonly start: number;
  readonly found: FoundSoFar;
};

export type VerifyReport = FoundSoFar & {
  readonly log: string;
  readonly deep: boolean;
  /** What was verified: whole commits. 1 to 0 if the log is empty. */
  readonly fromPosition: number;
  readonly toPosition: number;
  readonly headsCompared: number;
  /** Of a history that a restore left before them: not compared. */
  readonly leftHeads: readonly LeftHead[];
};

type VerifyContext = JobContext<VerifyArguments, VerifyCursor>;

/** Proves that the log is whole, while it is in use. Nothing found: `report.total` is 0. */
export function verifyJob({
  event_store: url,
}: Pick<DatabaseUrls, 'event_store'>): JobDefinition<VerifyArguments, VerifyCursor, VerifyReport> {
  return {
    verb: verifyVerb,
    run: async (context) => {
      await using pool = createPool({ url, applicationName: 'kiroku-verify', max: 2 });
      return await verify(pool, context);
    },
    summary: ({ findings: _findings, leftHeads: _heads, ...counted }) => counted,
  };
}

async function verify(pool: Pool, { arguments: wanted, cursor, report, signal }: VerifyContext): Promise<VerifyReport> {
  const { from, to, deep, against } = wanted;
  const range = cursor ?? (await verificationRange(pool, { from, to }));
  const { until } = range;
  const start = cursor?.start ?? range.after;
  let found = cursor?.found ?? nothingFound;
  for await (const { position, findings } of verifyLog(pool, { after: range.after, until, deep })) {
    found = addFindings(found, findings);
    report({ done: position - start, total: until - start, unit: 'events' }, { ...range, after: position, start, found });
    signal.throwIfAborted();
  }
  if (range.toHead) found = addFindings(found, await findStrayEvents(pool));
  const { findings, leftHeads } = await compareWithHeads(pool, against);
  found = addFindings(found, findings);
  const { log } = await readChainHead(pool);
  return { log, deep, fromPosition: start + 1, toPosition: until, headsCompared: against.length - leftHeads.length, leftHeads, ...found };
}

/** One line: what, where, and what was found there. */
export function describeFinding({ kind, position, lastPosition, stream, detail }: Finding): string {
  const where = lastPosition === undefined ? `position ${position}` : `positions ${position} to ${lastPosition}`;
  return `${kind} at ${where}${stream === undefined ? '' : ` (${stream})`}: ${detail}`;
}

/** One line: which head was not compared, and why. */
export function describeLeftHead({ timeline, position, leftAt }: LeftHead): string {
  return `The head at position ${position} is one of a history that a restore left at position ${leftAt} (timeline ${timeline}): there is nothing here to compare it with`;
}
