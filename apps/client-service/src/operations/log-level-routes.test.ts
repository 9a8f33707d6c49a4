import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LogLevelsClient, OperationsClient } from '@kiroku/client';
import { InMemoryJobStore, InMemoryOperatorAudit } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { serveOperations } from './serve-operations.test-service.ts';

test('levels of the services that the gateway knows are told and changed, and the audit log says who did', async () => {
  const asked: unknown[] = [];
  const service = createServer((request, response) => void answer(request, response));
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const body = (await request.toArray()).join('');
    if (body !== '') asked.push(JSON.parse(body));
    response.end(JSON.stringify({ level: 'debug', configured: 'info' }));
  };
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
  const logs = [
    { service: 'query-service', url },
    { service: 'command-service', url: 'http://127.0.0.1:1' },
  ];
  await using served = await serveOperations({ stores: { jobs: new InMemoryJobStore(), audit: new InMemoryOperatorAudit() }, logs });
  const client = new LogLevelsClient(served);

  expect(await client.listLogLevels()).toEqual([
    { service: 'query-service', url, level: 'debug', configured: 'info' },
    { ...logs[1], reason: expect.any(String) },
  ]);
  await client.changeLogLevels({ service: 'query-service', level: 'debug', forSeconds: 30 });
  expect(asked).toEqual([{ level: 'debug', forSeconds: 30, by: 'ada' }]);
  expect(await new OperationsClient(served).listActions({ limit: 9 })).toMatchObject([
    { verb: 'logs level', operator: 'ada', reason: 'drill', source: 'operations API', outcome: { succeeded: true } },
  ]);
  await expect(client.changeLogLevels({ service: 'query', level: 'debug' })).rejects.toMatchObject({ code: 'NotFound' });
  await expect(client.changeLogLevels({ service: 'command-service', level: 'debug' })).rejects.toMatchObject({
    code: 'ServiceUnavailable',
  });
  service.close();
});
