import { KirokuError } from '@kiroku/core';
import { toKirokuError } from '../errors.ts';
import type { Pool } from '../pool.ts';
import { statement } from '../statement.ts';

/** Which part of the log a verification reads: whole commits. */
export type VerificationRange = {
  /** Position before its first. */
  readonly after: number;
  /** Its last position; that of the log's head, if there was no other wish. */
  readonly until: number;
  /** Does it end with the head? */
  readonly toHead: boolean;
};

/** The whole commits that hold the positions asked for. Throws `BadRequest` if the log has none of them. */
export async function verificationRange(
  pool: Pool,
  { from = 1, to = Number.MAX_SAFE_INTEGER }: { readonly from?: number | undefined; readonly to?: number | undefined },
): Promise<VerificationRange> {
  try {
    const head = (await pool.query<{ position: number }>(statement('verify/read_chain_head'))).rows[0]?.position ?? 0;
    if (from > to || (from > head && from > 1)) {
      throw new KirokuError('BadRequest', `There are no positions ${from} to ${to} to verify: the log ends at ${head}.`);
    }
    const first = await commitAt(pool, from);
    const last = to < head ? await commitAt(pool, to) : undefined;
    const until = last === undefined ? head : Math.max(last.last_position, to);
    return { after: Math.min(first?.first_position ?? from, from) - 1, until, toHead: until >= head };
  } catch (error) {
    throw toKirokuError(error);
  }
}

interface Ends {
  readonly first_position: number;
  readonly last_position: number;
}

async function commitAt(pool: Pool, position: number): Promise<Ends | undefined> {
  return (await pool.query<Ends>({ ...statement('verify/find_commit_at'), values: [position] })).rows[0];
}
