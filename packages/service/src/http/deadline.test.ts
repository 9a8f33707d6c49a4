import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Deadline } from './deadline.ts';

const silent = createServer((_request, response) => response.flushHeaders());
beforeAll(() => new Promise<void>((resolve) => void silent.listen(0, '127.0.0.1', resolve)));
afterAll(() => {
  silent.closeAllConnections();
  silent.close();
});

/** A call whose answer never ends. */
async function call(deadline: Deadline): Promise<string> {
  const { body } = await request(`http://127.0.0.1:${(silent.address() as AddressInfo).port}`, { signal: deadline });
  return await body.text();
}

describe('a call ends', () => {
  test('when its time is over, also in the middle of its answer', async () => {
    await expect(call(new Deadline(50))).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  test('with the signal that it follows, which keeps nothing of it', async () => {
    const controller = new AbortController();
    const reason = new Error('the service stops');
    const calling = call(new Deadline(60_000, controller.signal));
    controller.abort(reason);
    await expect(calling).rejects.toBe(reason);
    await expect(call(new Deadline(60_000, controller.signal))).rejects.toBe(reason);
  });

  test('not any more once it is disposed of', async () => {
    const controller = new AbortController();
    const deadline = new Deadline(20, controller.signal);
    deadline[Symbol.dispose]();
    controller.abort();
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(deadline.aborted).toBe(false);
  });
});
