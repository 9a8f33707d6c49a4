import { type Command, command, defineAggregate, defineEvents, KirokuError, reject, type UnrecordedCommand } from '@kiroku/core';
import { anySchema, InMemoryEventStore } from '@kiroku/testing';
import { v7 as uuid } from 'uuid';
import { describe, expect, test } from 'vitest';
import { createCommandHandler } from '../handle-command/create-command-handler.ts';
import { auditedHandler } from './audited-handler.ts';

interface Door {
  readonly id: string;
  readonly secret?: string;
}
const door = anySchema<Door>((value) => typeof value === 'object' && value !== null && 'id' in value);
const events = defineEvents({ Opened: { schema: door } });
const doors = defineAggregate({
  name: 'door',
  events,
  initialState: 'closed' as 'closed' | 'open',
  commands: {
    Open: command({ schema: door, target: ({ id }) => id }),
    Ensure: command({ schema: door, target: ({ id }) => id }),
    Break: command({ schema: door, target: ({ id }) => id }),
  },
  evolve: { Opened: () => 'open' as const },
  decide: {
    Open: (state, { data }) => (state === 'open' ? reject('AlreadyOpen', `It is open: ${data.secret}`) : [{ type: 'Opened', data }]),
    Ensure: (state, { data }) => (state === 'open' ? [] : [{ type: 'Opened', data }]),
    Break: () => {
      throw new Error('secret inside');
    },
  },
});

function given() {
  const told: UnrecordedCommand[] = [];
  const decide = createCommandHandler({ aggregates: [doors], eventStore: new InMemoryEventStore() });
  const handle = auditedHandler({ handle: decide, aggregates: [doors], record: (entry) => told.push(entry) });
  return { told, send: (sent: Partial<Command>) => handle({ ...sample(), ...sent }) };
}

function sample(): Command {
  const metadata = { actor: 'ada', role: 'staff', sourceAddress: '203.0.113.9', correlationId: 'c1' };
  return { type: 'Open', id: uuid(), at: '2026-11-24T10:00:00.000Z', data: { id: '1', secret: 'hunter2' }, metadata };
}

describe('the audit', () => {
  test('is not told of a command that leaves events: they say it', async () => {
    const { told, send } = given();
    await send({});
    expect(told).toEqual([]);
  });

  test('is told of one that was rejected: who, what, from where, when, and the code', async () => {
    const { told, send } = given();
    await send({});
    const id = uuid();
    await send({ id });
    expect(told).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        outcome: 'rejected',
        code: 'AlreadyOpen',
        commandId: id,
        type: 'Open',
        stream: 'door-1',
        user: 'ada',
        role: 'staff',
        sourceAddress: '203.0.113.9',
        correlationId: 'c1',
        receivedAt: '2026-11-24T10:00:00.000Z',
        durationMs: expect.any(Number),
      },
    ]);
  });

  test('is told of one that changed nothing, and of one that had taken effect before', async () => {
    const { told, send } = given();
    const id = uuid();
    await send({ id });
    await send({ id });
    await send({ type: 'Ensure' });
    expect(told.map(({ outcome }) => outcome)).toEqual(['duplicate', 'unchanged']);
  });

  test('is told of one that failed, and the failure is thrown on', async () => {
    const { told, send } = given();
    await expect(send({ type: 'Break' })).rejects.toThrow('secret inside');
    expect(told).toMatchObject([{ outcome: 'fault', code: 'Internal', type: 'Break', stream: 'door-1' }]);
  });

  test('is told of one that gave way to others to the end', async () => {
    const told: UnrecordedCommand[] = [];
    const handle = auditedHandler({
      handle: () => Promise.reject(new KirokuError('Conflict', 'Others were faster.')),
      aggregates: [doors],
      record: (entry) => told.push(entry),
    });
    await expect(handle(sample())).rejects.toMatchObject({ code: 'Conflict' });
    expect(told).toMatchObject([{ outcome: 'fault', code: 'Conflict' }]);
  });

  test.each([
    ['data that fits no schema', { data: { secret: 'hunter2' } }, { code: 'BadRequest', type: 'Open' }],
    ['a command nobody knows', { type: 'Explode' }, { code: 'UnknownCommand', type: 'Explode' }],
    ['an id that is none', { id: `'; drop table x` }, { code: 'BadRequest', type: 'Open' }],
  ])('is told of %s, without a stream', async (_title, sent, expected) => {
    const { told, send } = given();
    await expect(send(sent)).rejects.toThrow();
    expect(told).toMatchObject([{ outcome: 'invalid', ...expected }]);
    expect(told[0]).not.toHaveProperty('stream');
  });

  test('repeats no text of a sender that is neither a name nor an id', async () => {
    const { told, send } = given();
    await expect(send({ type: 'x'.repeat(5_000), id: 'hunter2' })).rejects.toThrow();
    await expect(send({ type: 'a\u001b[31m' })).rejects.toThrow();
    await send({});
    await send({});
    expect(told.map(({ type }) => type)).toEqual([undefined, undefined, 'Open']);
    expect(JSON.stringify(told)).not.toMatch(/hunter2|u001b/);
  });
});
