import type { KeyStore } from '@kiroku/core';
import { lostKeys } from '@kiroku/engine';
import { type Pool, PostgresEventStore } from '@kiroku/postgres';

/** Events at the end of the log that are looked at, and subjects of them. */
const lookedAt = 2_000;
const mostSubjects = 200;

/** Which of the subjects that the log was written about last have lost a key, of how many. */
export async function missingKeys(
  pool: Pool,
  { keys, head }: { readonly keys: KeyStore; readonly head: number },
): Promise<{ readonly lost: readonly string[]; readonly subjects: readonly string[] }> {
  await using events = new PostgresEventStore({ pool });
  const page = await events.readLog({ after: Math.max(0, head - lookedAt), until: head, pageSize: lookedAt });
  return lostKeys(keys, page.events, mostSubjects);
}
