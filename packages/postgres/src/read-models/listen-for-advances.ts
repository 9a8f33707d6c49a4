import { on } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { ReadModelAdvance } from '@kiroku/core';
import type pg from 'pg';
import { DedicatedConnection } from '../dedicated-connection.ts';
import type { Pool } from '../pool.ts';
import { decodeAdvance } from './advance-message.ts';

const reconnectMs = 500;

/** Advances of all projections as they commit, over a connection of its own that is opened again when it is lost. Ends when the signal fires. */
export async function* listenForAdvances(pool: Pool, signal: AbortSignal, onListening?: () => void): AsyncGenerator<ReadModelAdvance> {
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

async function* listen(client: pg.Client, signal: AbortSignal, onListening?: () => void): AsyncGenerator<ReadModelAdvance> {
  const notifications = on(client, 'notification', { signal, close: ['end'] }); // before the LISTEN, so that none is missed
  await client.query('listen kiroku_read_models');
  onListening?.();
  for await (const [{ payload }] of notifications as AsyncIterable<[pg.Notification]>) {
    const advance = decodeAdvance(payload ?? '');
    if (advance !== undefined) yield advance;
  }
}
