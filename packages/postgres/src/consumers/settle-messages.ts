import { type ConsumerLease, type KeptMessage, KirokuError, type MessageFailure, type SettledMessages } from '@kiroku/core';
import type pg from 'pg';
import { storableText } from '../read-models/storable-text.ts';
import { rowsOf } from '../rows-of.ts';

/** Makes the lease's owner the only one that writes, until the transaction ends. Throws `LeaseLost`. */
export async function lockHeld(client: pg.PoolClient, { id, name, epoch }: ConsumerLease): Promise<void> {
  const [found] = await rowsOf<{ epoch: number }>(client, 'consumers/lock_consumer', [id]);
  if (found?.epoch === epoch) return;
  throw new KirokuError(
    'LeaseLost',
    `The consumer ${name} was changed, or is another process's now. Nothing was written; whoever has it goes on.`,
    { details: { consumer: name, epoch } },
  );
}

/** Moves a consumer on, and keeps what could not be delivered up to there. */
export async function advanceConsumer(
  client: pg.PoolClient,
  { lease, position, kept }: { readonly lease: ConsumerLease; readonly position: number; readonly kept: readonly KeptMessage[] },
): Promise<void> {
  await lockHeld(client, lease);
  const rows = kept.map(({ failure, ...message }) => ({ ...message, ...(failure && failureColumns(failure)) }));
  if (rows.length > 0) await rowsOf(client, 'consumers/keep_messages', [lease.id, JSON.stringify(rows)]);
  await rowsOf(client, 'consumers/move_position', [lease.id, position]);
}

/** Removes what was delivered, notes what failed, and has those behind take their turn. Returns the streams without any message left. */
export async function settleMessages(
  client: pg.PoolClient,
  { lease, delivered, failed }: { readonly lease: ConsumerLease } & SettledMessages,
): Promise<readonly string[]> {
  await lockHeld(client, lease);
  const gone = await rowsOf<{ stream: string }>(client, 'consumers/delete_messages', [lease.id, delivered]);
  if (failed.length > 0) {
    const rows = failed.map(({ position, failure }) => ({ position, ...failureColumns(failure) }));
    await rowsOf(client, 'consumers/note_failures', [lease.id, JSON.stringify(rows)]);
  }
  return haveNextTakeTurn(client, lease.id, [...new Set(gone.map(({ stream }) => stream))]);
}

/** Makes the next message of each stream due. Returns the streams that have none. */
export async function haveNextTakeTurn(client: pg.PoolClient, consumer: string, streams: readonly string[]): Promise<readonly string[]> {
  if (streams.length === 0) return [];
  await rowsOf(client, 'consumers/promote', [consumer, streams]);
  const free = await rowsOf<{ stream: string }>(client, 'consumers/find_free', [consumer, streams]);
  return free.map(({ stream }) => stream);
}

function failureColumns({ error, retry }: MessageFailure) {
  return { error: storableText(error), ...(retry === 'dead' ? { dead: true, retryMs: 0 } : { dead: false, retryMs: retry.inMs }) };
}
