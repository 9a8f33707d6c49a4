import {
  type ClaimedCommand,
  type CommandOutcome,
  type DueTimer,
  KirokuError,
  type ProcessManager,
  type RecordedEvent,
  reject,
} from '@kiroku/core';
import { counting, InMemoryProcessManagerStore, recordedAs } from '@kiroku/testing';
import { expect, it, vi } from 'vitest';
import { reactBatch } from './react-batch.ts';
import { TurnQueue } from './turn-queue.ts';

const accepted: CommandOutcome = { accepted: true, position: 2 };
const refused: CommandOutcome = { accepted: false, rejection: reject('LimitReached', 'No more.') };
const started = recordedAs(1, { type: 'Started', data: { tally: 'a', upTo: 2, limit: 1 } });
const counted = recordedAs(2, { type: 'Counted', data: { tally: 'a', n: 0 } });

/** With a tally that has been started, and its two commands on their way. */
async function begun(processManager: ProcessManager = counting) {
  const store = new InMemoryProcessManagerStore();
  await store.prepare('counting', { id: '0199f0a0-0000-7000-8000-000000000001', timeline: 1 });
  const leases = await store.attend({ instance: 'one', processManagers: ['counting'], leaseMs: 60_000 });
  const sent: ClaimedCommand[] = [];
  const queue = new TurnQueue(store, processManager, async (put) => {
    sent.push(...(await put({ leaseMs: 60_000, limit: (commands) => commands })));
  });
  const advance = (after: number, position: number, events: readonly RecordedEvent[]) => {
    const partitions = leases.map((lease) => ({ lease, after }));
    return queue.advance({ processManager: 'counting', partitions, position, ...reactBatch(processManager, events, partitions) });
  };
  await advance(0, 1, [started]);
  const [one, two] = sent as [ClaimedCommand, ClaimedCommand];
  return { store, queue, advance, one, two, sent, turns: vi.spyOn(store, 'advance') };
}

it('what comes while a turn is on its way is written together in the next, outcomes first', async () => {
  const { store, queue, advance, one, two, sent, turns } = await begun();
  const outcomes = [queue.settle({ command: one, outcome: accepted }), queue.settle({ command: two, outcome: refused })];
  await Promise.all([...outcomes, advance(1, 2, [counted])]);
  expect(turns.mock.calls.map(([{ settlements }]) => settlements)).toEqual([
    [{ command: one, outcome: accepted }], // a lone outcome does not wait
    [{ command: two, outcome: refused }],
  ]);
  expect(await store.instance('counting', 'a')).toEqual({ id: 'a', state: { counted: 1, refused: 1, upTo: 2 }, status: 'done' });
  const told = (await store.history('counting', 'a')).map(({ kind, what }) => `${kind} ${what}`);
  expect(told.slice(3)).toEqual([
    'accepted Count',
    'rejected Count: LimitReached',
    'command Complain',
    'event Counted',
    'done nothing more is expected',
  ]);
  expect(sent.slice(2).map(({ type }) => type)).toEqual(['Complain']);
  expect(await store.checkpoint('counting')).toBe(2);
});

it('an instance that both an outcome and an event have changed is written once', async () => {
  const { queue, advance, one, two, turns } = await begun();
  await Promise.all([
    queue.settle({ command: one, outcome: accepted }),
    queue.settle({ command: two, outcome: refused }),
    advance(1, 2, [counted]),
  ]);
  const { react, settlements = [] } = turns.mock.lastCall?.[0] ?? {};
  const stored = new Map([['a', { id: 'a', state: { counted: 0, refused: 0, upTo: 2 }, status: 'running' as const }]]);
  expect(react?.(stored, settlements).instances.map(({ id }) => id)).toEqual(['a']);
});

it('timers that outcomes have set are set, also with a turn that sets none', async () => {
  const works = { ...counting };
  const { store, queue, advance, one, two } = await begun(works);
  works.rejected = (state) => ({ state, timers: [{ name: 'again', dueInMs: 60_000 }] });
  await Promise.all([
    queue.settle({ command: one, outcome: accepted }),
    queue.settle({ command: two, outcome: refused }),
    advance(1, 2, [counted]),
  ]);
  expect(store.nextTimer()).toBeDefined();
});

it('timers are set and cancelled in the order of a turn: outcomes first, then events', async () => {
  const works = { ...counting };
  const { store, queue, advance, one, two, turns } = await begun(works);
  const set = (name: string) => ({ name, dueInMs: 0 });
  works.rejected = (state) => ({ state, timers: [set('of the outcome'), set('cancelled'), { name: 'set anew', cancel: true }] });
  works.react = (state) => ({ state, timers: [{ name: 'cancelled', cancel: true }, set('set anew'), set('of the event')] });
  await Promise.all([
    queue.settle({ command: one, outcome: accepted }),
    queue.settle({ command: two, outcome: refused }),
    advance(1, 2, [counted]),
  ]);
  expect(turns).toHaveBeenCalledTimes(2);
  const fired: string[] = [];
  const react = (timers: readonly DueTimer[]) => {
    fired.push(...timers.map(({ name }) => name));
    return { instances: [], commands: [] };
  };
  await store.fire({ processManager: 'counting', limit: 9, react });
  expect(fired.sort()).toEqual(['of the event', 'of the outcome', 'set anew']);
});

it('all outcomes are recorded, however many come at once, so many in a turn that it is not long', async () => {
  const { queue, one, turns } = await begun();
  const outcomes = Array.from({ length: 1_200 }, (_, n) => ({ command: { ...one, id: `${n}` }, outcome: accepted }));
  await Promise.all(outcomes.map((outcome) => queue.settle(outcome)));
  const written = turns.mock.calls.map(([{ settlements = [] }]) => settlements.length);
  expect(written).toEqual([1, 500, 500, 199]);
});

it.each([
  ['an event', 'react'],
  ['an outcome', 'rejected'],
] as const)('a reaction to %s that fails holds up nothing that was to be written with it', async (_what, broken) => {
  const fail = () => {
    throw new Error('a bug');
  };
  const works = { ...counting };
  const { store, queue, advance, one, two, turns } = await begun(works);
  Object.assign(works, { [broken]: fail });
  const tries = [
    queue.settle({ command: one, outcome: accepted }),
    queue.settle({ command: two, outcome: refused }),
    advance(1, 2, [counted]),
  ];
  const [, second, third] = (await Promise.allSettled(tries)).map(({ status }) => status);
  expect(turns).toHaveBeenCalledTimes(4); // one alone, two together, and each of these alone
  expect([second, third]).toEqual(broken === 'react' ? ['fulfilled', 'rejected'] : ['rejected', 'fulfilled']);
  expect(await store.checkpoint('counting')).toBe(broken === 'react' ? 1 : 2);
  expect(await store.instance('counting', 'a')).toMatchObject({
    state: broken === 'react' ? { counted: 0, refused: 1 } : { counted: 1, refused: 0 },
  });
});

it('without a database all are told after a second try, and none of them waits for it alone', async () => {
  const { queue, advance, one, two, turns } = await begun();
  const away = new KirokuError('DatabaseUnavailable', 'It is away.');
  turns.mockRejectedValue(away);
  const tries = [
    advance(1, 2, [counted]),
    queue.settle({ command: one, outcome: accepted }),
    queue.settle({ command: two, outcome: accepted }),
  ];
  const reasons = (await Promise.allSettled(tries)).map((each) => each.status === 'rejected' && each.reason);
  expect(reasons).toEqual([away, away, away]);
  expect(turns).toHaveBeenCalledTimes(4);
});

it('what a lost connection has undone is written over another one', async () => {
  const { store, queue, one, two, turns } = await begun();
  turns.mockRejectedValueOnce(new KirokuError('DatabaseUnavailable', 'The connection is gone.'));
  await Promise.all([queue.settle({ command: one, outcome: accepted }), queue.settle({ command: two, outcome: accepted })]);
  expect(await store.unsettled()).toEqual([]);
});

it.each([
  ['that a lost connection has undone', new KirokuError('DatabaseUnavailable', 'The connection is gone.'), true],
  ['of outcomes and an advance that failed together', new Error('a bug'), true],
  ['of outcomes that failed together', new Error('a bug'), false],
])('the next turn waits for further tries %s', async (_what, fault, advances) => {
  const { store, queue, advance, one, two, turns } = await begun();
  const outcome = (id: string) => queue.settle({ command: { ...two, id }, outcome: accepted });
  const later: Promise<void>[] = [];
  let [underWay, most] = [0, 0];
  turns.mockImplementation(async (batch) => {
    most = Math.max(most, ++underWay);
    await new Promise((resolve) => setTimeout(resolve, 2));
    underWay -= 1;
    if (turns.mock.calls.length !== 2) return InMemoryProcessManagerStore.prototype.advance.call(store, batch);
    later.push(outcome('next'));
    throw fault;
  });
  const first = [queue.settle({ command: one, outcome: accepted }), outcome('a'), outcome('b')];
  await Promise.all([...first, ...(advances ? [advance(1, 2, [counted])] : [])]);
  await Promise.all(later);
  expect(turns.mock.lastCall?.[0].settlements?.map(({ command }) => command.id)).toEqual(['next']);
  expect(most).toBe(1);
});

it('outcomes that fail together are recorded each by itself', async () => {
  const { queue, one, turns } = await begun();
  turns.mockResolvedValueOnce([]).mockRejectedValueOnce(new Error('a bug')).mockResolvedValue([]);
  await Promise.all(['a', 'b', 'c'].map((id) => queue.settle({ command: { ...one, id }, outcome: accepted })));
  expect(turns.mock.calls.map(([{ settlements = [] }]) => settlements.length)).toEqual([1, 2, 1, 1]);
});
