import { createPool, findCommit, type LogCommit, type Pool, type RecordedHistory, readChainHead, readLogHistory } from '@kiroku/postgres';
import { connectionUrls, type Installation } from '../config/installation.ts';
import { isBefore } from './compare-times.ts';
import type { RestoreWanted } from './restore-wanted.ts';

/** The log as it is now, before a restore. */
export interface LiveLog {
  readonly history: RecordedHistory;
  readonly position: number;
  /** That holds the wanted position, or is the last by the wanted time. */
  readonly commit?: LogCommit | undefined;
}

/** `undefined` if it cannot be read: it does not run, or is what was lost. */
export async function readLiveLog(installation: Installation, wanted: RestoreWanted): Promise<LiveLog | undefined> {
  const urls = await connectionUrls(installation, 'superuser').catch(() => undefined); // there never was one here
  if (urls === undefined) return undefined;
  await using pool = createPool({ url: urls.event_store, applicationName: 'kiroku-restore', max: 1, connectTimeoutMs: 5_000 });
  try {
    const [history, head] = [await readLogHistory(pool), await readChainHead(pool)];
    return { history, position: head.position, commit: await commitOf(pool, wanted, head.position) };
  } catch {
    return undefined;
  }
}

async function commitOf(pool: Pool, wanted: RestoreWanted, head: number): Promise<LogCommit | undefined> {
  switch (wanted.kind) {
    case 'position':
      return findCommit(pool, wanted.position);
    case 'time':
      return lastCommitBy(pool, wanted.time, head);
    case 'latest':
    case 'backup':
      return undefined;
  }
}

/** Recorded times never go back, so it halves the log until it is there. */
async function lastCommitBy(pool: Pool, time: string, head: number): Promise<LogCommit | undefined> {
  let found: LogCommit | undefined;
  let [low, high] = [1, head];
  while (low <= high) {
    const commit = await findCommit(pool, Math.floor((low + high) / 2));
    if (commit === undefined || isBefore(time, commit.recordedAt)) high = Math.floor((low + high) / 2) - 1;
    else {
      found = commit;
      low = commit.lastPosition + 1;
    }
  }
  return found;
}
