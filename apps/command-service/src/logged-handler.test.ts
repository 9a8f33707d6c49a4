import { type Command, KirokuError } from '@kiroku/core';
import { createCommandHandler } from '@kiroku/engine';
import { createLogger, followContexts } from '@kiroku/service';
import { shop } from '@kiroku/shop';
import { InMemoryEventStore } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { loggedHandler } from './logged-handler.ts';

followContexts(); // as from Node 24 on

const customerId = '0198a7b2-0000-7000-8000-000000000001';
const register: Command = {
  type: 'RegisterCustomer',
  id: '0198a7b2-0000-7000-8000-000000000002',
  at: '2026-11-27T10:00:00Z',
  data: { customerId, name: 'Ada Byron', email: 'ada@example.com' },
  metadata: { correlationId: 'c-1', traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` },
};
const ids = {
  correlationId: 'c-1',
  traceId: 'a'.repeat(32),
  commandId: register.id,
  command: 'RegisterCustomer',
  stream: `customer-${customerId}`,
};

function open(level: string, handle?: () => never) {
  const lines: string[] = [];
  const logger = createLogger({
    service: 'command-service',
    instance: 'a',
    level,
    format: 'json',
    personal: new Set(['name', 'email']),
    destination: { write: (line: string) => void lines.push(line) },
  });
  const eventStore = new InMemoryEventStore();
  const handler = handle ?? createCommandHandler({ aggregates: shop.aggregates, eventStore });
  return {
    logger,
    lines,
    entries: () => lines.map((line) => JSON.parse(line)),
    handle: loggedHandler({ handle: handler, application: shop, logger }),
  };
}

test('at level debug the outcome of each command is told, with its ids; at info nothing is', async () => {
  const { handle, entries } = open('debug');
  await handle(register);
  await handle({ ...register, id: crypto.randomUUID() });
  expect(entries()).toMatchObject([
    { ...ids, level: 'debug', outcome: 'accepted', position: 1, version: 1, events: ['CustomerRegistered'], ms: expect.any(Number) },
    { level: 'debug', outcome: 'rejected', code: expect.any(String), stream: ids.stream },
  ]);
  const quiet = open('info');
  await quiet.handle(register);
  expect(quiet.lines).toEqual([]);
});

test('at level trace what was asked for is told, without what is declared personal', async () => {
  const { handle, lines, entries } = open('trace');
  await handle(register);
  expect(entries()).toMatchObject([{ ...ids, level: 'trace', data: { customerId, name: '(personal)', email: '(personal)' } }]);
  expect(lines.join('')).not.toMatch(/Ada|ada@/);
});

test('what is logged while a command is handled carries its ids, and none of its personal values', async () => {
  const opened = open('info', () => {
    opened.logger.warn({ err: new Error('no room for ada@example.com') }, 'Ada Byron waits');
    throw new KirokuError('Overloaded', 'Later.');
  });
  await expect(opened.handle(register)).rejects.toMatchObject({ code: 'Overloaded' });
  expect(opened.entries()).toMatchObject([{ ...ids, err: { message: 'no room for (personal)' }, msg: '(personal) waits' }]);
});
