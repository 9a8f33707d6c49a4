import type { ProcessChanges } from '@kiroku/core';
import { expect, test } from 'vitest';
import { writeChanges } from './write-changes.ts';

const nothing: ProcessChanges = { instances: [], commands: [] };
const command = (data: { readonly reason: string }) => {
  const id = '0199f0a0-0000-7000-8000-000000000101';
  return { id, processManager: 'booking', instance: 't2', type: 'CancelTrip', data, metadata: {} };
};

test.each<[what: string, changes: ProcessChanges, told: RegExp]>([
  [
    'a command',
    { ...nothing, commands: [command({ reason: 'x\ud83d' })] },
    /^Instance t2 of booking .* command CancelTrip .* data\.reason is/,
  ],
  [
    'a state',
    { ...nothing, instances: [{ id: 't1', state: { why: 'a\0b' }, status: 'running' }] },
    /^Instance t1 of booking .* state\.why is/,
  ],
  [
    'a line of its history',
    { ...nothing, history: [{ instance: 't3', kind: 'operator', what: '\udc00' }] },
    /^Instance t3 of booking .* what is/,
  ],
])('%s that the database could not store is told with its instance', (_what, changes, told) => {
  const refused = expect.objectContaining({ code: 'DefinitionInvalid', message: expect.stringMatching(told) });
  expect(() => writeChanges({ processManager: 'booking', changes })).toThrow(refused);
});

test('what only looks like it is written', () => {
  const changes = { ...nothing, commands: [command({ reason: 'the file C:\\u0000, and \\ud83d; 😀' })] };
  expect(writeChanges({ processManager: 'booking', changes }).values).toHaveLength(14);
});

test('timers are written in one order, whatever the order in which they were set: two writers do not wait for each other', () => {
  const id = '0199f0a0-0000-7000-8000-000000000201';
  const set = ['b', 'a'].map((instance) => ({ instance, name: 'timeout', id, metadata: {}, due: { inMs: 1 } }));
  const cancelled = ['d', 'c'].map((instance) => ({ instance, name: 'timeout', cancel: true as const }));
  const timers = [...set, ...cancelled];
  const [one, other] = [timers, timers.toReversed()].map((each) =>
    writeChanges({ processManager: 'booking', changes: { ...nothing, timers: each } }),
  );
  expect(one?.values).toEqual(other?.values);
});
