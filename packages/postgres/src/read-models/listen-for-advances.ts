import { on } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { ReadModelAdvance } from '@kiroku/core';
import type pg from 'pg';
import { DedicatedConnection } from '../dedicated-connection.ts';
import type { Pool } from '../pool.ts';
import { decodeAdvance } from './advance-message.ts';

const reconnectMs = 500;
/** A connection that went dead without a word is known by its silence: it is asked so often, and given up if it has not answered by the next time. */
const askMs = 1_000;
const listenText = 'listen kiroku_read_models'; // again, it changes nothing

/** Advances of all projections as they commit, over a connection of its own that is opened again when it is lost. Ends when the signal fires. */
export async function* listenForAdvances(
  pool: Pool,
  signal: AbortSignal,
  onListening?: (isListening: boolean) => void,
): AsyncGenerator<ReadModelAdvance> {
  const connection = new DedicatedConnection(pool);
  try {
    while (!signal.aborted) {
      try {
        yield* listen(await connection.open(), signal, onListening);
      } catch {
        // lost, or the signal fired
      }
      connection.drop();
      await delay(reconnectMs, undefined, { signal }).catch(() => undefined); // the signal fired
    }
  } finally {
    await connection.close();
  }
}

async function* listen(
  client: pg.Client,
  signal: AbortSignal,
  onListening: (isListening: boolean) => void = () => undefined,
): AsyncGenerator<ReadModelAdvance> {
  const dead = new AbortController();
  // before the LISTEN, so that none is missed
  const notifications = on(client, 'notification', { signal: AbortSignal.any([signal, dead.signal]), close: ['end'] });
  await client.query(listenText);
  const asking = keepAsking(client, () => dead.abort());
  onListening(true);
  try {
    for await (const [{ payload }] of notifications as AsyncIterable<[pg.Notification]>) {
      const advance = decodeAdvance(payload ?? '');
      if (advance !== undefined) yield advance;
    }
  } finally {
    clearInterval(asking);
    onListening(false);
  }
}

function keepAsking(client: pg.Client, onDead: () => void): NodeJS.Timeout {
  let isAsked = false;
  return setInterval(() => {
    if (isAsked) return onDead();
    isAsked = true;
    client.query(listenText).then(() => {
      isAsked = false;
    }, onDead);
  }, askMs);
}
