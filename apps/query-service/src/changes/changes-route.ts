import { Readable } from 'node:stream';
import type { LogHistory, ReadModelAdvance } from '@kiroku/core';
import { answerSignal, type ZodApp } from '@kiroku/service';
import { changeLines } from './change-lines.ts';

export interface ChangesRouteOptions {
  /** Advances of the read models from now on. */
  readonly changes: (signal: AbortSignal) => AsyncIterable<ReadModelAdvance>;
  /** Of the log that the read models are made from. */
  readonly history: () => Promise<LogHistory>;
  /** Milliseconds of silence after which a heartbeat is sent. Default 5,000. */
  readonly heartbeatMs?: number;
}

/** `GET /changes`: which rows of which read model changed, as they commit; one JSON object per line, until one side closes. */
export function changesRoute(app: ZodApp, options: ChangesRouteOptions): void {
  const { changes, history, heartbeatMs = 5_000 } = options;
  const closing = new AbortController();
  app.addHook('preClose', async () => closing.abort()); // an open stream would keep the server from closing
  app.get('/changes', { schema: { hide: true }, config: { traced: false } }, async (_request, reply) => {
    const signal = AbortSignal.any([closing.signal, answerSignal(reply)]);
    const { timeline } = (await history()).log;
    const lines = changeLines(changes(signal), { timeline, heartbeatMs, signal });
    return reply
      .header('content-type', 'application/x-ndjson; charset=utf-8')
      .header('cache-control', 'no-store')
      .header('connection', 'close') // nothing comes after it; a kept connection would hold up the stop
      .send(Readable.from(lines, { objectMode: false, highWaterMark: 65_536 }));
  });
}
