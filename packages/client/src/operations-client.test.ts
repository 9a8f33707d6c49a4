import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { OperationsClient } from './operations-client.ts';

const answering = (body: string, status: number, type = 'application/json') =>
  new OperationsClient({
    url: 'http://gateway:4000/',
    operator: { name: 'ada' },
    fetch: async () => new Response(body, { status, headers: { 'content-type': type } }),
  }).listJobs({ limit: 1 });

describe('the client of the operations API', () => {
  test('asks the gateway, whatever its URL ends with', async () => {
    const asked: string[] = [];
    const fetch = async (request: Request) => {
      asked.push(`${request.method} ${request.url}`);
      return Response.json([]);
    };
    for (const url of ['http://gateway:4000', 'http://gateway:4000/', 'http://gateway/shop']) {
      await new OperationsClient({ url, operator: { name: 'ada' }, fetch }).listJobs({ states: ['queued', 'paused'], limit: 5 });
    }
    expect(asked).toEqual([
      'GET http://gateway:4000/operations/jobs?limit=5&state=queued&state=paused',
      'GET http://gateway:4000/operations/jobs?limit=5&state=queued&state=paused',
      'GET http://gateway/shop/operations/jobs?limit=5&state=queued&state=paused',
    ]);
  });

  test('throws the fault that it is told of', async () => {
    const problem = { code: 'DatabaseUnavailable', detail: 'It is away.', status: 503, correlationId: 'c-1' };
    await expect(answering(JSON.stringify(problem), 503, 'application/problem+json')).rejects.toMatchObject({
      code: 'DatabaseUnavailable',
      message: 'It is away.',
      details: { correlationId: 'c-1' },
    });
  });

  test('says what is wrong with the address when something else answers', async () => {
    await expect(answering('<html>', 404, 'text/html')).rejects.toMatchObject({
      code: 'NotFound',
      message: expect.stringContaining('http://gateway:4000/'),
    });
    await expect(answering('<html>', 502, 'text/html')).rejects.toMatchObject({ code: 'ServiceUnavailable' });
    await expect(answering('{"code":"Ouch","detail":"?"}', 500)).rejects.toMatchObject({ code: 'ServiceUnavailable' });
  });

  test('says that it is not the gateway, and where that is, when another service of ours answers', async () => {
    const problem = {
      code: 'NotFound',
      detail: 'There is no GET /operations/jobs here. GET /openapi.json lists what there is.',
      status: 404,
    };
    await expect(answering(JSON.stringify(problem), 404, 'application/problem+json')).rejects.toMatchObject({
      code: 'NotFound',
      message: expect.stringMatching(/Is it the gateway, which is usually at port 4000/),
    });
  });

  test('says that nobody answers', async () => {
    const client = new OperationsClient({ url: 'http://127.0.0.1:1', operator: { name: 'ada' } });
    await expect(client.showJob('j', { lines: 1 })).rejects.toMatchObject({
      code: 'ServiceUnavailable',
      message: expect.stringMatching(/cannot be reached \(.+\)/),
    });
  });

  test('waits for an answer no longer than it may, whatever is collected as garbage meanwhile', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void; // of V8
    const collecting = setInterval(() => collect(), 20);
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    try {
      await once(silent, 'listening');
      const { port } = silent.address() as AddressInfo; // it listens
      const client = new OperationsClient({ url: `http://127.0.0.1:${port}`, operator: { name: 'ada' }, timeoutMs: 300 });
      await expect(client.listJobs({ limit: 1 })).rejects.toMatchObject({
        code: 'ServiceUnavailable',
        message: expect.stringContaining('did not answer in time'),
      });
    } finally {
      clearInterval(collecting);
      silent.closeAllConnections();
      silent.close();
    }
  });
});
