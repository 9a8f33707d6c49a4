import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InMemoryOperatorAudit } from '@kiroku/testing';
import { afterEach, expect, test, vi } from 'vitest';
import { changeLogLevels, readLogLevels } from './log-levels.ts';

const opened: Server[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  for (const server of opened.splice(0)) server.close();
});

/** A process that has a log level, as services have it. */
async function serving(service: string) {
  let state: Record<string, unknown> = { level: 'info', configured: 'info' };
  const server = createServer((request, response) => void answer(request, response));
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const body = (await request.toArray()).join('');
    if (request.method === 'PUT') {
      const { level, reset } = JSON.parse(body);
      state = reset === true ? { level: 'info', configured: 'info' } : { level, configured: 'info', until: '2026-11-27T10:10:00Z' };
    }
    response.end(JSON.stringify(state));
  };
  opened.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { service, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const operator = { name: 'ada', reason: 'ticket 7' };
const gone = { service: 'gone', url: 'http://127.0.0.1:2' };

test('levels are changed of one service, told of all, and audited', async () => {
  const [addresses, audit] = [[await serving('a'), await serving('b'), await serving('b')], new InMemoryOperatorAudit()];
  await changeLogLevels({ addresses, audit }, { change: { service: 'b', level: 'debug' }, operator });
  expect((await readLogLevels(addresses)).map(({ service, level }) => [service, level])).toEqual([
    ['a', 'info'],
    ['b', 'debug'],
    ['b', 'debug'],
  ]);
  await changeLogLevels({ addresses, audit }, { change: { level: 'configured' }, operator });
  expect((await readLogLevels(addresses)).map(({ level }) => level)).toEqual(['info', 'info', 'info']);
  const actions = await audit.actions({ limit: 9 });
  expect(actions.map(({ verb, arguments: given }) => [verb, given])).toEqual([
    ['logs level', { service: 'all', level: 'configured' }],
    ['logs level', { service: 'b', level: 'debug', forSeconds: 600 }],
  ]);
  expect(actions[1]).toMatchObject({ operator: 'ada', before: [{ level: 'info' }, { level: 'info' }], outcome: { succeeded: true } });
});

test('a process that cannot be reached is told of, and the others have changed', async () => {
  const [addresses, audit] = [[await serving('a'), gone], new InMemoryOperatorAudit()];
  expect(await readLogLevels(addresses, 'gone')).toEqual([{ ...gone, reason: expect.stringContaining('ECONNREFUSED') }]);
  const changing = changeLogLevels({ addresses, audit }, { change: { level: 'warn' }, operator });
  await expect(changing).rejects.toMatchObject({
    code: 'ServiceUnavailable',
    message: expect.stringMatching(/gone at .*The others were changed/),
  });
  expect(await readLogLevels(addresses, 'a')).toMatchObject([{ level: 'warn' }]);
  expect(await audit.actions({ limit: 1 })).toMatchObject([{ outcome: { succeeded: false } }]);
});

test('of a process that does not answer in time, it is not said that nothing was changed', async () => {
  const change = () =>
    changeLogLevels({ addresses: [gone], audit: new InMemoryOperatorAudit() }, { change: { level: 'warn' }, operator }).catch(String);
  expect(await change()).toContain('Nothing was changed');
  vi.spyOn(globalThis, 'fetch').mockRejectedValue(new DOMException('too late', 'TimeoutError'));
  const late = await change();
  expect(late).toMatch(/gone at .* may still change it once it goes on: `kiroku logs level` tells/);
  expect(late).not.toContain('Nothing was changed');
});

test.each([
  [{ service: 'gon', level: 'debug' }, 'NotFound', /Did you mean "gone"/],
  [{ level: 'debug', forSeconds: 0 }, 'BadRequest', /1 second to 24 hours/],
  [{ level: 'debug', forSeconds: 86_401 }, 'BadRequest', /1 second to 24 hours/],
] as const)('%j is refused before anything is changed or recorded', async (change, code, message) => {
  const audit = new InMemoryOperatorAudit();
  const changing = changeLogLevels({ addresses: [gone], audit }, { change, operator });
  await expect(changing).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  expect(await audit.actions({ limit: 1 })).toEqual([]);
});
