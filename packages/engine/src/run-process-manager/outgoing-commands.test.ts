import { describe, expect, test } from 'vitest';
import { outgoingCommands, timerSettings } from './outgoing-commands.ts';

const billing = { name: 'billing' };
const cause = { id: 'e-1', metadata: { correlationId: 'c-1' } };

describe('a command on its way out', () => {
  test('carries its label, if it has one', () => {
    const sendings = [
      { type: 'Bill', data: {}, label: 'first' },
      { type: 'Bill', data: {} },
    ];
    const [labelled, plain] = outgoingCommands(billing, 'order-1', cause, sendings);
    expect(labelled?.label).toBe('first');
    expect(plain).not.toHaveProperty('label');
  });

  test.each([undefined, null, 'a text', 7, [{}]])('is refused with data that is not an object: %s', (data) => {
    const told = expect.objectContaining({ code: 'DefinitionInvalid', message: expect.stringMatching(/^billing sends Bill with data/) });
    expect(() => outgoingCommands(billing, 'order-1', cause, [{ type: 'Bill', data }])).toThrow(told);
  });
});

test('a timer is set after a while or for a moment, or cancelled', () => {
  const changes = [
    { name: 'soon', dueInMs: 5 },
    { name: 'then', dueAt: '2026-11-24T10:00:00.000Z' },
    { name: 'never', cancel: true as const },
  ];
  expect(timerSettings(billing, 'order-1', cause, changes)).toEqual([
    { instance: 'order-1', name: 'soon', id: expect.any(String), due: { inMs: 5 }, metadata: { correlationId: 'c-1' } },
    {
      instance: 'order-1',
      name: 'then',
      id: expect.any(String),
      due: { at: '2026-11-24T10:00:00.000Z' },
      metadata: { correlationId: 'c-1' },
    },
    { instance: 'order-1', name: 'never', cancel: true },
  ]);
});
