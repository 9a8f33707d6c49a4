import { command, defineAggregate, defineApplication, defineEvents, KirokuError, reject, type UnrecordedCommand } from '@kiroku/core';
import { type CommandHandler, createCommandHandler } from '@kiroku/engine';
import { createLogger, Health } from '@kiroku/service';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { createCommandApp } from './create-command-app.ts';

const door = defineAggregate({
  name: 'door',
  initialState: { open: false },
  events: defineEvents({ DoorOpened: { schema: z.strictObject({ id: z.string() }) } }),
  commands: {
    OpenDoor: command({
      description: 'Open a door',
      schema: z.strictObject({ id: z.string(), wide: z.boolean().default(false) }),
      target: ({ id }) => id,
    }),
  },
  evolve: { DoorOpened: () => ({ open: true }) },
  decide: {
    OpenDoor: (state, { data }) =>
      state.open ? reject('AlreadyOpen', 'It is open.', { id: data.id }) : [{ type: 'DoorOpened', data: { id: data.id } }],
  },
});
const application = defineApplication({ name: 'house', aggregates: [door] });
const commandId = '0193a5b0-7c1e-7000-8000-000000000001';

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const app of opened.splice(0)) await app.close();
});

async function serve(handle: CommandHandler, record?: (command: UnrecordedCommand) => void) {
  const health = new Health({ service: 'command-service', instance: 'a' });
  health.ready();
  const logger = createLogger({ service: 'command-service', instance: 'a', level: 'silent', format: 'json' });
  const app = await createCommandApp({
    logger,
    health,
    application,
    handle,
    timeline: async () => 2,
    now: () => '2026-11-24T10:00:00.000Z',
    ...(record && { record }),
  });
  opened.push(app);
  return (payload: object | string, headers: Record<string, string> = {}, type = 'OpenDoor') =>
    app.inject({ method: 'POST', url: `/commands/${type}`, payload, headers: { 'content-type': 'application/json', ...headers } });
}

const accepted = {
  outcome: 'accepted',
  position: 7,
  token: '2:7',
  stream: 'door-a',
  version: 1,
  events: ['DoorOpened'],
  duplicate: false,
} as const;

describe('a command over HTTP', () => {
  it('is handed on with its id, time, actor and correlation id, its body as it came', async () => {
    const handle = vi.fn<CommandHandler>(async () => accepted);
    const post = await serve(handle);
    const answer = await post({ id: 'a' }, { 'idempotency-key': commandId.toUpperCase(), 'x-correlation-id': 'c1', 'x-actor': 'ada' });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ outcome: 'accepted', position: 7, token: '2:7', stream: 'door-a', version: 1, duplicate: false });
    expect(handle).toHaveBeenCalledWith({
      type: 'OpenDoor',
      id: commandId,
      at: '2026-11-24T10:00:00.000Z',
      data: { id: 'a' },
      metadata: { correlationId: 'c1', actor: 'ada', sourceAddress: '127.0.0.1' },
    });
  });

  it('gets an id when it brings none, and is told it', async () => {
    const handle = vi.fn<CommandHandler>(async () => accepted);
    const answer = await (await serve(handle))({ id: 'a' });
    expect(answer.headers['idempotency-key']).toBe(handle.mock.calls[0]?.[0].id);
  });

  it('is refused when its id is no UUID', async () => {
    const answer = await (await serve(vi.fn()))({ id: 'a' }, { 'idempotency-key': 'seven' });
    expect(answer.json()).toMatchObject({ status: 400, code: 'BadRequest', issues: [{ path: 'idempotency-key' }] });
  });

  it('answers a business no with 422 and its code', async () => {
    const answer = await (await serve(async () => ({ outcome: 'rejected', rejection: reject('AlreadyOpen', 'It is open.', { id: 'a' }) })))(
      { id: 'a' },
    );
    expect(answer.statusCode).toBe(422);
    expect(answer.json()).toEqual({ outcome: 'rejected', code: 'AlreadyOpen', message: 'It is open.', details: { id: 'a' } });
  });

  it('answers a fault as a problem', async () => {
    const answer = await (await serve(() => Promise.reject(new KirokuError('Overloaded', 'Too much.'))))({ id: 'a' });
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({ code: 'Overloaded', retryable: true });
  });

  it('is answered with every fault of its body', async () => {
    const unreachable = new Proxy({}, { get: () => () => Promise.reject(new Error('the store was asked')) });
    const handle = createCommandHandler({ aggregates: application.aggregates, eventStore: unreachable as never }); // refused before the store is needed
    const answer = await (await serve(handle))({ id: 1, colour: 'red' });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().issues.map(({ path }: { path: string }) => path)).toEqual(['id', '']);
  });
});

describe('what is refused before it is a command', () => {
  const from = { 'x-actor': 'ada', 'x-correlation-id': 'c1', 'x-forwarded-for': '203.0.113.9' };

  it.each([
    ['a body that is no JSON', '{"secret":', {}],
    ['an id that is no UUID', { id: 'a' }, { 'idempotency-key': 'seven' }],
    ['a body that is too large', `"${'x'.repeat(1_100_000)}"`, {}],
  ])('is audited: %s', async (_title, payload, headers) => {
    const audited: UnrecordedCommand[] = [];
    const post = await serve(vi.fn(), (entry) => audited.push(entry));
    await post(payload, { ...from, ...headers });
    expect(audited).toEqual([
      {
        id: expect.any(String),
        outcome: 'invalid',
        code: 'BadRequest',
        type: 'OpenDoor',
        user: 'ada',
        correlationId: 'c1',
        sourceAddress: '203.0.113.9',
        receivedAt: '2026-11-24T10:00:00.000Z',
        durationMs: 0,
      },
    ]);
  });

  it('is not audited here once it is one', async () => {
    const record = vi.fn();
    const post = await serve(() => Promise.reject(new KirokuError('Overloaded', 'Too much.')), record);
    await post({ id: 'a' });
    expect(record).not.toHaveBeenCalled();
  });

  it('is handed on if nobody knows such a command, so that it is refused and audited like others', async () => {
    const handle = vi.fn(createCommandHandler({ aggregates: application.aggregates, eventStore: {} as never })); // refused before that is needed
    const answer = await (await serve(handle))({ id: 'a' }, from, 'ExplodeDoor');
    expect(answer.json()).toMatchObject({ status: 404, code: 'UnknownCommand' });
    expect(handle.mock.calls[0]?.[0]).toMatchObject({ type: 'ExplodeDoor', metadata: { actor: 'ada' } });
  });
});
