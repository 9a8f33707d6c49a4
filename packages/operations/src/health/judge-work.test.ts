import type { BackgroundWork, ConsumerWork, ProcessManagerWork } from '@kiroku/postgres';
import { describe, expect, test } from 'vitest';
import { isFaultyWork, judgeWork, type WorkState } from './judge-work.ts';

const level = { position: 9, events: 0, seconds: 0, restedSeconds: 3_600, attending: 1 };
const fulfilment: ProcessManagerWork = { name: 'fulfilment', partitions: 4, unheld: 0, ...level };
const billing: ConsumerWork = { name: 'billing', timeoutMs: 10_000, held: true, ...level };
const idle: BackgroundWork = { processManagers: [fulfilment], jobs: [], consumers: [] };

function told(work: Partial<BackgroundWork>, maxDelaySeconds = 30) {
  return Object.fromEntries(
    judgeWork({ ...idle, ...work }, ['fulfilment'], { maxDelaySeconds }).map(({ name, state, reason }) => [
      name,
      reason === undefined ? state : `${state}: ${reason}`,
    ]),
  );
}
const processManager = (given: Partial<ProcessManagerWork>, maxDelaySeconds?: number) =>
  told({ processManagers: [{ ...fulfilment, ...given }] }, maxDelaySeconds)['process manager fulfilment'];
const consumer = (given: Partial<ConsumerWork>) => told({ consumers: [{ ...billing, ...given }] })['consumer billing'];

test('what has nothing to do runs, however long ago it moved', () => {
  expect(told({ consumers: [billing] })).toEqual({
    'process manager fulfilment': 'running',
    'timers of fulfilment': 'running',
    'command delivery': 'running',
    jobs: 'running',
    'consumer billing': 'running',
  });
});

test('a process manager that is declared and was never run is missing, and one that is not declared does not count', () => {
  expect(told({ processManagers: [{ ...fulfilment, name: 'of before', unheld: 4, attending: 0 }] })).toMatchObject({
    'process manager fulfilment': 'missing: no process has run it yet',
  });
});

test('without process managers there are no commands to deliver', () => {
  expect(judgeWork(idle, [], { maxDelaySeconds: 30 })).toEqual([{ name: 'jobs', state: 'running' }]);
});

test('what is behind moves, and needs nobody; what stands still, is nobody’s or was never run does', () => {
  const states: readonly WorkState[] = ['running', 'behind', 'failing', 'unknown', 'stalled', 'orphaned', 'missing'];
  expect(states.filter((state) => isFaultyWork({ name: 'jobs', state }))).toEqual(['stalled', 'orphaned', 'missing']);
});

test('what has waited for exactly as long as it may is not late', () => {
  const work = { processManagers: [{ ...fulfilment, timerOverdueSeconds: 30 }], commandOverdueSeconds: 30 };
  expect(told(work)).toMatchObject({ 'timers of fulfilment': 'running', 'command delivery': 'running' });
  expect(processManager({ events: 5, seconds: 30, restedSeconds: 31 })).toBe('running');
  expect(processManager({ events: 5, seconds: 31, restedSeconds: 30 })).toMatch(/^behind/);
  expect(told({ jobs: [{ id: 'j-1', verb: 'replay', lapsedSeconds: 30 }] }).jobs).toBe('running');
  expect(told({ jobs: [{ id: 'j-1', verb: 'replay', queuedSeconds: 30 }] }).jobs).toBe('running');
});

describe('a process manager', () => {
  test('is orphaned once its lease is over for longer than a hand-over takes', () => {
    expect(processManager({ unheld: 4, lapsedSeconds: 4 })).toBe('running');
    expect(processManager({ unheld: 4, lapsedSeconds: 7 })).toBe(
      'orphaned: who held its lease has been gone for 7 s, and nobody has taken over',
    );
    expect(processManager({ unheld: 1, lapsedSeconds: 7 })).toContain('the leases of 1 of its 4 partitions');
    expect(processManager({ unheld: 4, lapsedSeconds: 5 })).toBe('running');
    expect(processManager({ unheld: 4, lapsedSeconds: 5.1 })).toMatch(/^orphaned/);
  });

  test('is left to whoever starts in time, and to whoever holds all of it', () => {
    expect(processManager({ unheld: 4, lapsedSeconds: 4, attending: 0 })).toBe('running');
    expect(processManager({ unheld: 0, attending: 0 })).toBe('running');
  });

  test('whose lease was given back is orphaned if nobody is there to take it', () => {
    expect(processManager({ unheld: 2 })).toBe('running');
    expect(processManager({ unheld: 4, attending: 0 })).toBe('orphaned: no running process holds its lease');
  });

  test('is stalled if it stands still behind the log, and behind while it moves', () => {
    expect(processManager({ events: 5, seconds: 29 })).toBe('running');
    expect(processManager({ events: 5, seconds: 31, restedSeconds: 2 })).toBe(
      'behind: it is at position 9, 5 events and 31 s behind the log, and moves',
    );
    expect(processManager({ events: 5, seconds: 31, restedSeconds: 40 })).toBe(
      'stalled: it has not moved for 40 s; it is at position 9, 5 events and 31 s behind the log',
    );
  });

  test('is judged by the limit that was set', () => {
    expect(processManager({ unheld: 4, lapsedSeconds: 2 }, 1)).toMatch(/^orphaned/);
    expect(processManager({ events: 5, seconds: 2, restedSeconds: 2 }, 1)).toMatch(/^stalled/);
  });
});

test('timers and commands that are due and that nobody takes tell that their loop has stopped', () => {
  const work = { processManagers: [{ ...fulfilment, timerOverdueSeconds: 45 }], commandOverdueSeconds: 50 };
  expect(told(work)).toMatchObject({
    'timers of fulfilment': 'stalled: a timer has been due for 45 s',
    'command delivery': 'stalled: a command of a process manager has been due for 50 s',
  });
});

describe('jobs', () => {
  const queued = { id: 'j-2', verb: 'replay', queuedSeconds: 100 };
  const held = { id: 'j-1', verb: 'events verify', lapsedSeconds: -5 };

  test('may wait while another one runs', () => {
    expect(told({ jobs: [held, queued] }).jobs).toBe('running');
  });

  test('that wait while none runs tell that nobody runs jobs', () => {
    expect(told({ jobs: [queued] }).jobs).toBe('stalled: job j-2 (replay) has waited for 100 s, and no process takes it');
  });

  test('whose owner is gone are orphaned', () => {
    expect(told({ jobs: [{ ...held, lapsedSeconds: 31 }] }).jobs).toMatch(/^orphaned: who ran job j-1 .* 31 s/);
  });

  test('do not wait for one whose owner is gone', () => {
    expect(told({ jobs: [{ ...held, lapsedSeconds: 1 }, queued] }).jobs).toMatch(/^stalled: job j-2/);
    expect(told({ jobs: [{ ...held, lapsedSeconds: 0 }, queued] }).jobs).toBe('running');
  });
});

describe('a consumer', () => {
  test('is orphaned like a process manager', () => {
    expect(consumer({ held: false, lapsedSeconds: 8 })).toMatch(/^orphaned/);
    expect(consumer({ held: true, attending: 0 })).toBe('running');
  });

  test('is stalled if it stands still behind the log for longer than an answer may take', () => {
    const behind = { events: 5, seconds: 100, restedSeconds: 100 };
    expect(consumer(behind)).toMatch(/^stalled: it has not moved for 100 s/);
    expect(consumer({ ...behind, restedSeconds: 1 })).toMatch(/^behind/);
    expect(consumer({ ...behind, timeoutMs: 60_000 })).toBe('running');
  });

  test('whose messages fail says why, since when, and what shows more', () => {
    const failing = { failingError: 'It answered 500.\nOops', failingSeconds: 95 };
    const told = 'for 95 s: It answered 500. Oops: `kiroku consumer show billing`';
    expect(consumer({ ...failing, failingSeconds: 30 })).toBe('running');
    expect(consumer(failing)).toBe(`failing: messages have failed ${told}`);
    expect(consumer({ ...failing, events: 5, seconds: 31, restedSeconds: 2 })).toMatch(/^failing/);
    expect(consumer({ ...failing, overdueSeconds: 40 })).toBe(`stalled: a message has been due for 40 s; messages have failed ${told}`);
  });

  test('with dead letters fails until somebody settles them', () => {
    expect(consumer({ deadError: 'It answered 500.', deadSeconds: 5 })).toBe(
      'failing: a message has been dead for 5 s: It answered 500.: `kiroku consumer dead list billing`',
    );
  });

  test('has a message on its way for as long as an answer may take', () => {
    expect(consumer({ overdueSeconds: 29 })).toBe('running');
    expect(consumer({ timeoutMs: 60_000, overdueSeconds: 100 })).toBe('running');
    expect(consumer({ overdueSeconds: 31 })).toBe('stalled: a message has been due for 31 s');
  });
});
