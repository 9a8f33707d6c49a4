import { Readable } from 'node:stream';
import type { LogHistory, ReadModelNews } from '@kiroku/core';
import { answerSignal, type ZodApp } from '@kiroku/service';
import { z } from 'zod';
import { changeLines } from './change-lines.ts';

export interface ChangesRouteOptions {
  /** How the read models are, and what happens to them from now on. */
  readonly changes: (signal: AbortSignal) => AsyncIterable<ReadModelNews>;
  /** Of the log that the read models are made from. */
  readonly history: () => Promise<LogHistory>;
  /** Milliseconds of silence after which a heartbeat is sent. Default 5,000. */
  readonly heartbeatMs?: number;
}

/** A gateway of before does not say what it knows, one of later may know more. */
const querystring = z.looseObject({ knows: z.string().optional() });

/** `GET /changes`: how far the read models are and which of their rows change, as they commit; one JSON object per line, until one side closes. */
export function changesRoute(app: ZodApp, options: ChangesRouteOptions): void {
  const { changes, history, heartbeatMs = 5_000 } = options;
  const closing = new AbortController();
  app.addHook('preClose', async () => closing.abort()); // an open stream would keep the server from closing
  app.get('/changes', { schema: { hide: true, querystring }, config: { traced: false } }, async ({ query }, reply) => {
    const signal = AbortSignal.any([closing.signal, answerSignal(reply)]);
    const { timeline } = (await history()).log;
    const lines = changeLines(changes(signal), { timeline, knowsReading: query.knows === 'reading', heartbeatMs, signal });
    return reply
      .header('content-type', 'application/x-ndjson; charset=utf-8')
      .header('cache-control', 'no-store')
      .header('connection', 'close') // nothing comes after it; a kept connection would hold up the stop
      .send(Readable.from(lines, { objectMode: false, highWaterMark: 65_536 }));
  });
}
