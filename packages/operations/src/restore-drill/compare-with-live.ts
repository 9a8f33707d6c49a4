import { type ChainHead, compareWithHeads, createPool, findCommit } from '@kiroku/postgres';
import { connectionUrls, type Installation } from '../config/installation.ts';

export interface LiveComparison {
  readonly sameAsLive: boolean;
  /** What is restored is of a history that the log in use has left: no backup was made since. */
  readonly isLeft: boolean;
  /** Since what is not in the restored log was recorded, until `at`; 0 if there is nothing. */
  readonly rpoSeconds: number;
}

/**
 * Compares a restored log with that in use: by the hash of the chain where it ends, which all events up to there go into. Throws
 * `DatabaseUnavailable`.
 */
export async function compareWithLive(installation: Installation, restored: ChainHead, at: Date): Promise<LiveComparison> {
  const { event_store: url } = await connectionUrls(installation, 'service');
  await using pool = createPool({ url, applicationName: 'kiroku-drill', max: 1 });
  const differences = await compareWithHeads(pool, [restored]);
  const lost = await findCommit(pool, restored.position + 1);
  const lostFor = lost === undefined ? 0 : (at.getTime() - Date.parse(lost.recordedAt)) / 1_000;
  const { findings, leftHeads } = differences;
  return { sameAsLive: findings.length + leftHeads.length === 0, isLeft: leftHeads.length > 0, rpoSeconds: Math.max(lostFor, 0) };
}
