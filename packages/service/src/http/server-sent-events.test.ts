import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Health } from '../health/health.ts';
import { createLogger } from '../logging/create-logger.ts';
import { createApp } from './create-app.ts';
import { leaveRequest } from './leave-request.test-service.ts';
import { serverSentEvents } from './server-sent-events.ts';

describe('server-sent events', () => {
  let app: ReturnType<typeof createApp>;
  let url: string;
  let signals: AbortSignal[];

  beforeEach(async () => {
    const health = new Health({ service: 'shop', instance: 'a' });
    health.ready();
    app = createApp({ health, logger: createLogger({ service: 'shop', instance: 'a', level: 'silent', format: 'json' }) });
    const tell = serverSentEvents(app);
    signals = [];
    app.get('/counted', (_request, reply) =>
      tell(reply, async function* (signal) {
        signals.push(signal);
        yield { count: 1 };
        yield { count: 2 };
        await sleep(60_000, undefined, { signal }).catch(() => undefined);
      }),
    );
    url = `${await app.listen({ host: '127.0.0.1', port: 0 })}/counted`;
  });
  afterEach(() => app.close());

  test('are sent as they come', async () => {
    const answer = await fetch(url);
    expect(answer.headers.get('content-type')).toMatch('text/event-stream');
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    let read = '';
    while (!read.includes('2')) read += (await reader?.read())?.value;
    expect(read).toBe('data: {"count":1}\n\ndata: {"count":2}\n\n');
    await reader?.cancel();
  });

  test('do not hold up the stop', async () => {
    const answer = await fetch(url);
    const startedAt = performance.now();
    await app.close();
    expect(await answer.text()).toContain('"count":2');
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  test('are not made any more when the receiver is gone', async () => {
    await leaveRequest(url);
    await expect.poll(() => signals.map(({ aborted }) => aborted)).toEqual([true]);
  });
});
