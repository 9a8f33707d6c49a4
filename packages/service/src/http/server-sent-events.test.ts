import { Writable } from 'node:stream';
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
  let logged: string;

  beforeEach(async () => {
    const health = new Health({ service: 'shop', instance: 'a' });
    health.ready();
    logged = '';
    const destination = new Writable({
      write(line: Buffer, _encoding, done) {
        logged += line.toString();
        done();
      },
    });
    app = createApp({ health, logger: createLogger({ service: 'shop', instance: 'a', level: 'info', format: 'json', destination }) });
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
    app.get('/quiet', (_request, reply) =>
      tell(reply, async function* (signal) {
        await sleep(60_000, undefined, { signal });
        yield 'late';
      }),
    );
    app.get('/failing', (_request, reply) =>
      tell(reply, async function* () {
        yield { count: 1 };
        throw new Error('what is told of is gone');
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
    expect(read).toBe(':\n\ndata: {"count":1}\n\ndata: {"count":2}\n\n');
    await reader?.cancel();
  });

  test('begin before there is one: who listens knows that it is heard', async () => {
    const answer = await fetch(url.replace('counted', 'quiet'));
    expect(answer.status).toBe(200);
    await answer.body?.cancel();
  });

  test('of values that end with the signal end as others do', async () => {
    const answer = await fetch(url.replace('counted', 'quiet'));
    await app.close();
    expect(await answer.text()).not.toContain('data');
    expect(logged).not.toMatch(/"level":"(warn|error)"/);
  });

  test('that cannot be made end the answer, and the log says why', async () => {
    const answer = await fetch(url.replace('counted', 'failing'));
    await answer.text().catch(() => undefined);
    await expect.poll(() => logged).toMatch(/"level":"error".*what is told of is gone/);
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
