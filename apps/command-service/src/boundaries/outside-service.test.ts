import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { OutsideService } from './outside-service.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Said {
  readonly status: number;
  readonly body: object;
}

/** A service that answers calls, and questions for a key, as the test says: the last answer also to those that follow. */
async function serve({ calls, questions }: { readonly calls: readonly Said[]; readonly questions: readonly Said[] }) {
  const left = { POST: [...calls], GET: [...questions] };
  const server = createServer((request, response) => {
    const answers = left[request.method as 'POST' | 'GET']; // no others are sent
    const [said = { status: 500, body: {} }] = answers.length > 1 ? answers.splice(0, 1) : answers;
    response.writeHead(said.status, { 'content-type': 'application/json' }).end(JSON.stringify(said.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // it listens on TCP
  const service = new OutsideService({ name: 'payment service', url, firstWaitMs: 1 });
  closers.push(
    () => server.close(),
    () => service.stop(),
  );
  return (repeated: boolean) => service.call('pay', {}, { idempotencyKey: 'k', repeated }, (key) => `outcomes/${key}`);
}

const none = { status: 200, body: { outcome: 'none' } };
const paid = { status: 200, body: { outcome: 'paid' } };
const pending = { status: 200, body: { outcome: 'pending' } };
const refusal = { status: 401, body: { detail: 'no such key' } };
const reused = { status: 422, body: { code: 'KeyReused' } };

describe('a call', () => {
  it('has no answer if that is without end', async () => {
    const call = await serve({ calls: [{ status: 200, body: { outcome: 'paid', note: 'x'.repeat(2_000_000) } }], questions: [pending] });
    expect(await call(false)).toMatchObject({ outcome: 'unknown' });
  });
});

describe('a call that the other side refuses', () => {
  it.each([
    [refusal, 'BadRequest'],
    [reused, 'IdReused'],
  ])('is refused whether it is repeated or not: %j', async (said, code) => {
    const call = await serve({ calls: [said], questions: [none] });
    for (const repeated of [false, true]) await expect(call(repeated)).rejects.toMatchObject({ code, retryable: false });
  });

  it('is refused, too, if it may not even be asked for', async () => {
    const call = await serve({ calls: [refusal], questions: [refusal] });
    await expect(call(true)).rejects.toMatchObject({ code: 'BadRequest' });
  });

  it('has the outcome of an earlier one that took effect meanwhile', async () => {
    const call = await serve({ calls: [refusal], questions: [none, paid] });
    expect(await call(true)).toEqual({ outcome: 'paid' });
  });

  it.each([pending, { status: 503, body: {} }])('is unknown as long as an earlier one may have taken effect: %j', async (said) => {
    const call = await serve({ calls: [refusal], questions: [none, said] });
    expect(await call(true)).toMatchObject({ outcome: 'unknown', reason: expect.stringContaining('401') });
  });

  it.each([408, 425, 429])('only for now, with status %i, is made again', async (status) => {
    const call = await serve({ calls: [{ status, body: {} }, paid], questions: [none] });
    expect(await call(false)).toEqual({ outcome: 'paid' });
  });

  it('for now each time has had no effect and may be made later', async () => {
    const call = await serve({ calls: [{ status: 429, body: {} }], questions: [none] });
    await expect(call(false)).rejects.toMatchObject({ code: 'ServiceUnavailable', retryable: true });
    expect(await call(true)).toMatchObject({ outcome: 'unknown' });
  });
});
