import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { GatewayError } from '../graphql/gateway-error.ts';
import { HttpServices } from './http-services.ts';
import { QueryInstances } from './query-instances.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: { readonly [name: string]: string };
}

/** Services that give these answers, one after the other, the last one for ever. */
async function services(answers: readonly Answer[], timeoutMs = 30_000) {
  const requests: { readonly headers: IncomingMessage['headers']; readonly url: string | undefined }[] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const { status, body, headers } = answers[Math.min(requests.length, answers.length - 1)] ?? { status: 500, body: '' };
    requests.push({ headers: request.headers, url: request.url });
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on TCP
  const url = `http://127.0.0.1:${port}`;
  const http = new HttpServices({ commandUrl: url, queryInstances: new QueryInstances({ urls: [url] }), timeoutMs });
  closers.push(
    () => server.close(),
    () => http.stop(),
  );
  return { http, requests, server };
}

const context = { correlationId: 'c1', actor: 'ada' };
const renameProduct = (http: HttpServices) =>
  http.command('RenameProduct', { productId: 'p', name: 'Cup' }, { commandId: '0193a5b0-7c1e-7000-8000-000000000001', context });

async function errorOf(promise: Promise<unknown>): Promise<GatewayError['extensions'] & { readonly message: string }> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof GatewayError)) throw new Error(`not a gateway error: ${String(error)}`);
  return { ...error.extensions, message: error.message };
}

const accepted = {
  status: 200,
  body: { outcome: 'accepted', position: 7, token: '2:7', stream: 'product-p', version: 2, duplicate: false },
};
const unavailable = { status: 503, body: { code: 'DatabaseUnavailable', detail: 'Not now.', retryable: true } };

describe('the services behind the gateway', () => {
  it('get the command id, the correlation id and the actor', async () => {
    const { http, requests } = await services([accepted]);
    expect(await renameProduct(http)).toEqual({ position: { timeline: 2, position: 7 }, duplicate: false });
    expect(requests).toMatchObject([
      {
        url: '/commands/RenameProduct',
        headers: { 'idempotency-key': '0193a5b0-7c1e-7000-8000-000000000001', 'x-correlation-id': 'c1', 'x-actor': 'ada' },
      },
    ]);
  });

  it('are asked again, with the same command id, while they are unavailable for a moment', async () => {
    const { http, requests } = await services([unavailable, unavailable, accepted]);
    expect(await renameProduct(http)).toEqual({ position: { timeline: 2, position: 7 }, duplicate: false });
    expect(new Set(requests.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
  });

  it('say what an answer was read from, and how long it is', async () => {
    const body = { position: 7, token: '2:7', result: null };
    const { http } = await services([
      { status: 200, body, headers: { 'x-kiroku-read-models': 'product-list@1' } },
      { status: 200, body },
    ]);
    const ask = () => http.answer('product', { id: 'p' }, { context });
    expect(await ask()).toEqual({ position: 7, result: null, length: JSON.stringify(body).length, versions: 'product-list@1' });
    expect(await ask()).toMatchObject({ versions: '' }); // of an earlier release
  });

  it('are not asked again when asking again cannot help', async () => {
    const { http, requests } = await services([
      { status: 422, body: { outcome: 'rejected', code: 'ProductNotFound', message: 'No.', details: {} } },
    ]);
    expect(await errorOf(renameProduct(http))).toMatchObject({ code: 'ProductNotFound', kind: 'rejection', message: 'No.' });
    expect(requests).toHaveLength(1);
  });

  it('tell which arguments are wrong, under the names the client used', async () => {
    const issues = [{ path: 'params.first', message: 'is above 100' }];
    const { http } = await services([
      { status: 400, body: { code: 'BadRequest', detail: 'The body does not fit.', issues, retryable: false } },
    ]);
    expect(await errorOf(http.answer('products', { first: 101 }, { context }))).toMatchObject({
      kind: 'invalid',
      issues: [{ path: 'first', message: 'is above 100' }],
      message: 'Not accepted: first: is above 100.',
    });
  });

  it('are a retryable fault when they are gone, or do not answer in time', async () => {
    const { http, server } = await services([accepted], 300);
    server.removeAllListeners('request'); // takes requests and never answers
    expect(await errorOf(renameProduct(http))).toMatchObject({ code: 'ServiceUnavailable', kind: 'fault', retryable: true });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect(await errorOf(renameProduct(http))).toMatchObject({ code: 'ServiceUnavailable', kind: 'fault', retryable: true });
  });

  it('are a fault when their answer cannot be understood', async () => {
    const { http } = await services([{ status: 502, body: 'Bad gateway' }]);
    expect(await errorOf(renameProduct(http))).toMatchObject({ code: 'Internal', kind: 'fault' });
  });
});

/** Instances of the query service that say which one they are; what each does can be changed. */
async function instances(count: number, timeoutMs = 30_000) {
  const doing: ('answers' | 'starts' | 'hangs' | 'cuts')[] = Array.from({ length: count }, () => 'answers');
  const asked: number[] = [];
  const servers = Array.from({ length: count }, (_, index) =>
    createServer((request, response) => {
      const ready = request.url === '/health/ready';
      if (!ready) asked.push(index);
      if (doing[index] === 'hangs') return;
      if (doing[index] === 'cuts') return void request.socket.destroy();
      const body = doing[index] === 'answers' ? { result: index } : { code: 'BuildNotReady', detail: 'Not yet.', retryable: true };
      response.writeHead(doing[index] === 'answers' ? 200 : ready ? 503 : 409).end(JSON.stringify(body));
    }),
  );
  await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))));
  const urls = servers.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`); // they listen on TCP
  const http = new HttpServices({ commandUrl: urls[0] ?? '', queryInstances: new QueryInstances({ urls, askAgainMs: 1 }), timeoutMs });
  const stop = (index: number) => {
    servers[index]?.close();
    servers[index]?.closeAllConnections();
  };
  closers.push(...servers.map((_, index) => () => stop(index)), () => http.stop());
  const read = async (): Promise<unknown> => (await http.answer('category', { id: 'c' }, { context })).result;
  const reads = async (times: number) => {
    const answers: unknown[] = [];
    while (answers.length < times) answers.push(await read());
    return answers;
  };
  return { http, doing, asked, read, reads, stop };
}

describe('several instances of the query service', () => {
  it('take turns', async () => {
    const { reads } = await instances(3);
    expect(await reads(6)).toEqual([0, 1, 2, 0, 1, 2]);
  });

  it('answer for one that is gone, without an error or a wait', async () => {
    const { reads, stop } = await instances(2);
    await reads(2);
    stop(0);
    expect(await reads(4)).toEqual([1, 1, 1, 1]);
  });

  it('answer for one that cuts the connection before it answers', async () => {
    const { reads, doing } = await instances(2);
    doing[0] = 'cuts';
    expect(await reads(3)).toEqual([1, 1, 1]);
  });

  it('answer for one that has not built its read models, until it says that it is ready', async () => {
    const { reads, read, doing, asked } = await instances(2);
    doing[0] = 'starts';
    expect(await reads(20)).toEqual(Array.from({ length: 20 }, () => 1));
    expect(asked.filter((index) => index === 0)).toHaveLength(1);
    doing[0] = 'answers';
    await expect.poll(read).toBe(0);
  });

  it('answer for one that hangs, while there is time', async () => {
    const { reads, doing } = await instances(2, 8_000); // it is waited for half as long
    doing[0] = 'hangs';
    expect(await reads(2)).toEqual([1, 1]);
  });

  it('are all tried when none says that it is ready', async () => {
    const { read, doing, asked } = await instances(2);
    doing.fill('starts');
    expect(await errorOf(read())).toMatchObject({ code: 'BuildNotReady', retryable: true });
    expect(new Set(asked)).toEqual(new Set([0, 1]));
  });
});
