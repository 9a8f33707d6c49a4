import { KirokuError } from '@kiroku/core';
import type { ClientBase } from 'pg';
import { hashOfEmptyLog } from '../chain/commit-hash.ts';
import { toKirokuError } from '../errors.ts';
import type { Pool } from '../pool.ts';
import { statement } from '../statement.ts';
import { type CommitRow, parseCommit } from './commit-row.ts';
import { copyRows } from './copy-rows.ts';
import { EventRowBytes } from './event-row-bytes.ts';
import type { Finding } from './finding.ts';
import { LogCheck, type VersionQuestion } from './log-check.ts';

export interface VerifyLogOptions {
  /** Position before the first to verify: the end of a commit, or 0. See `verificationRange`. */
  readonly after: number;
  /** The last position to verify. */
  readonly until: number;
  /** Recompute the digest of every event and the hash of every commit. Default false. */
  readonly deep?: boolean;
  /** Positions read at once, about. Default 20,000. */
  readonly pageSize?: number;
  readonly streamsInMind?: number;
}

/** A part of the log that has been verified. */
export interface VerifiedPage {
  /** The last position verified: where to go on after. */
  readonly position: number;
  readonly findings: readonly Finding[];
}

/**
 * Verifies a range of the log page by page, while it is in use. Each page is read in statements of its own, so that no snapshot is held.
 * Throws `DatabaseUnavailable`; going on after the last page is the same as never having stopped.
 */
export async function* verifyLog(pool: Pool, options: VerifyLogOptions): AsyncGenerator<VerifiedPage, void> {
  const { after, until, deep = false, pageSize = 20_000, streamsInMind } = options;
  const client = await pool.connect().catch((error: unknown) => {
    throw toKirokuError(error);
  });
  let broken = true;
  try {
    await client.query('set enable_seqscan = off'); // the planner cannot know how small a page is
    const previousHash = await hashBefore(client, after);
    const check = new LogCheck({ after, previousHash, deep, ...(streamsInMind !== undefined && { streamsInMind }) });
    for (let position = after; position < until; ) {
      const end = await pageEnd(client, position, Math.min(pageSize, until - position), until);
      yield { position: end, findings: await verifyPage(client, { check, deep, after: position, until: end }) };
      position = end;
    }
    broken = false;
  } catch (error) {
    throw toKirokuError(error);
  } finally {
    client.release(broken); // it may be in the middle of a copy
  }
}

interface PageToVerify {
  readonly check: LogCheck;
  readonly deep: boolean;
  readonly after: number;
  readonly until: number;
}

async function verifyPage(client: ClientBase, { check, deep, after, until }: PageToVerify): Promise<readonly Finding[]> {
  await client.query({ ...statement('verify/set_range'), values: [after, until] });
  const commits: CommitRow[] = [];
  await copyRows(client, statement('verify/copy_commits').text, (row) => commits.push(parseCommit(row)));
  check.begin({ commits, until });
  const event = new EventRowBytes();
  await copyRows(client, statement(deep ? 'verify/copy_whole_events' : 'verify/copy_events').text, (row) =>
    check.event(event.read(row, deep)),
  );
  const { findings, questions, tagged } = check.end();
  const wrong = await wrongVersions(client, questions);
  return [...findings, ...wrong, ...(tagged ? await missingTags(client, after, until) : [])].sort((a, b) => a.position - b.position);
}

async function pageEnd(client: ClientBase, after: number, pageSize: number, until: number): Promise<number> {
  const found = await client.query<{ position: number }>({ ...statement('verify/find_page_end'), values: [after, pageSize, until] });
  const position = found.rows[0]?.position ?? until;
  if (position > after) return position;
  throw new KirokuError('Internal', `The page after position ${after} ends at ${position}.`);
}

async function hashBefore(client: ClientBase, after: number): Promise<Buffer | undefined> {
  if (after > 0) {
    const found = await client.query<{ last_position: number; hash: Buffer }>({
      ...statement('verify/find_commit_before'),
      values: [after + 1],
    });
    const [commit] = found.rows;
    return commit?.last_position === after ? commit.hash : undefined;
  }
  const log = await client.query<{ id: string }>(statement('verify/read_chain_head'));
  return log.rows[0] && hashOfEmptyLog(log.rows[0].id);
}

async function wrongVersions(client: ClientBase, questions: readonly VersionQuestion[]): Promise<readonly Finding[]> {
  if (questions.length === 0) return [];
  const values = [questions.map(({ stream }) => stream), questions.map(({ position }) => position)];
  const before = await client.query<{ version: number }>({ ...statement('verify/find_versions_before'), values });
  return questions.flatMap(({ stream, position, version }, index) => {
    const expected = (before.rows[index]?.version ?? 0) + 1;
    if (version === expected) return [];
    return { kind: 'VersionWrong', position, stream, detail: `version ${version} follows ${expected - 1}` } as const;
  });
}

async function missingTags(client: ClientBase, after: number, until: number): Promise<readonly Finding[]> {
  const found = await client.query<{ position: number; stream: string; tag: string }>({
    ...statement('verify/find_missing_tags'),
    values: [after, until],
  });
  return found.rows.map(({ position, stream, tag }) => ({
    kind: 'TagMissing',
    position,
    stream,
    detail: `conditions do not see its tag ${tag}`,
  }));
}
