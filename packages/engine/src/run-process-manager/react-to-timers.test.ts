import { type DueTimer, defineProcessManager, jsonFault, type Reaction } from '@kiroku/core';
import { expect, test } from 'vitest';
import { reactToTimers } from './react-to-timers.ts';

type State = { readonly fired: readonly string[] };

const initialState: State = { fired: [] };
const stepping = (changesOf: { readonly [name: string]: NonNullable<Reaction<State>['timers']> }) =>
  defineProcessManager({
    name: 'stepping',
    events: {},
    commands: {},
    initialState,
    on: {},
    onTimer: ({ fired }, { name }) => ({ state: { fired: [...fired, name] }, timers: changesOf[name] ?? [] }),
  });

const due = (...names: readonly string[]) =>
  names.map((name): DueTimer => {
    const at = '2026-11-28T10:00:00.000Z';
    return { id: `timer ${name}`, processManager: 'stepping', instance: 'i', name, dueAt: at, at, metadata: { correlationId: 'c' } };
  });

const stored = new Map([['i', { id: 'i', state: { fired: [] }, status: 'running' as const }]]);

test.each([
  ['a number that is none', { onTimer: () => ({ state: initialState, timers: [{ name: 'next', dueInMs: Number.NaN }] }) }],
  ['a moment that is none', { onTimer: () => ({ state: initialState, timers: [{ name: 'next', dueAt: 'soon' }] }) }],
  ['half a character', { onTimer: () => ({ state: { fired: ['\ud83d'] } }) }],
  [
    'half a character in an error',
    {
      onTimer: (): never => {
        throw new Error('\ud83d');
      },
    },
  ],
])('a reaction with %s fails its instance, storably, and no other', (_what, broken) => {
  const manager = defineProcessManager({ name: 'stepping', events: {}, commands: {}, initialState, on: {}, ...broken });
  const { instances, timers = [] } = reactToTimers(manager, due('timeout'), stored);
  expect(instances).toMatchObject([{ status: 'failed', state: { fired: [] }, failure: expect.stringMatching(/^Its timer "timeout"/) }]);
  expect(jsonFault({ instances, timers })).toBeUndefined();
  expect(timers).toMatchObject([{ name: 'timeout', due: { inMs: 60_000 } }]);
});

test.each([
  ['cancelled', { name: 'timeout', cancel: true }],
  ['set anew', { name: 'timeout', dueInMs: 60_000 }],
] as const)('a timer that is due together with one that has it %s does not fire', (_what, change) => {
  const { instances, timers, history } = reactToTimers(stepping({ retry: [change] }), due('retry', 'timeout', 'deadline'), stored);
  expect(instances).toMatchObject([{ state: { fired: ['retry', 'deadline'] } }]);
  expect(timers).toMatchObject([{ name: 'timeout' }]);
  expect(history?.map(({ what }) => what)).toEqual(['retry', 'deadline']);
});

test('a timer of one instance says nothing about one of the same name of another', () => {
  const [retry, timeout] = due('retry', 'timeout');
  const others = { ...timeout, instance: 'j' } as DueTimer;
  const both = new Map([...stored, ['j', { id: 'j', state: { fired: [] }, status: 'running' as const }] as const]);
  const { instances } = reactToTimers(stepping({ retry: [{ name: 'timeout', cancel: true }] }), [retry as DueTimer, others], both);
  expect(instances).toMatchObject([{ id: 'i' }, { id: 'j', state: { fired: ['timeout'] } }]);
});

test('a timer that sets itself anew has fired, and so have those that nobody touched', () => {
  const { instances } = reactToTimers(stepping({ retry: [{ name: 'retry', dueInMs: 5 }] }), due('timeout', 'retry'), stored);
  expect(instances).toMatchObject([{ state: { fired: ['timeout', 'retry'] } }]);
});
