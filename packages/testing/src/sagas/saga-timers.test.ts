import { command, defineAggregate, defineEvents, defineSaga, type JsonObject, type Reaction, reject, type SagaRetry } from '@kiroku/core';
import { describe, expect, test } from 'vitest';
import { anySchema } from '../any-schema.ts';
import { on } from '../given-when-then/past.ts';
import { acceptance, type ProcessInput, refusal, timer } from '../given-when-then/process-inputs.ts';
import { processScenario } from '../given-when-then/process-scenario.ts';

interface Journey {
  readonly journey: string;
}
const schema = anySchema<Journey>();
const events = defineEvents({
  Planned: { schema },
  Packed: { schema },
  Unpacked: { schema },
  Spilled: { schema },
  Left: { schema },
  Arrived: { schema },
  Abandoned: { schema },
});
const step = command({ schema, target: ({ journey }: Journey) => journey });
const journeys = defineAggregate({
  name: 'journey',
  events,
  initialState: {},
  commands: { Pack: step, Unpack: step, Leave: step, Arrive: step },
  evolve: {
    Planned: () => ({}),
    Packed: () => ({}),
    Unpacked: () => ({}),
    Spilled: () => ({}),
    Left: () => ({}),
    Arrived: () => ({}),
    Abandoned: () => ({}),
  },
  decide: { Pack: () => [], Unpack: () => [], Leave: () => [], Arrive: () => [] },
});

/** Packing can be undone, leaving and arriving cannot, and nobody hurries who is on the way. */
const travelling = (retry: SagaRetry = { attempts: 3 }) =>
  defineSaga({
    name: 'travelling',
    events,
    commands: journeys.commands,
    correlate: ({ data }) => data.journey,
    startsOn: { Planned: ({ data }) => ({ journey: data.journey }) },
    cancelsOn: { Abandoned: true },
    deadlineMs: 90_000,
    steps: [
      {
        name: 'pack',
        command: { type: 'Pack', data: ({ journey }) => ({ journey }) },
        success: { Packed: true },
        failure: { Spilled: true },
        timeoutMs: 10_000,
        retry,
        undo: {
          command: { type: 'Unpack', data: ({ journey }) => ({ journey }) },
          success: { Unpacked: true },
          nothingIfNoEvents: true,
          timeoutMs: 5_000,
          retry: { attempts: 2 },
        },
      },
      { name: 'leave', command: { type: 'Leave', data: ({ journey }) => ({ journey }) }, success: { Left: true } },
      { name: 'arrive', command: { type: 'Arrive', data: ({ journey }) => ({ journey }) }, success: { Arrived: true } },
    ],
  });

const id = 'j1';
const happened = (type: keyof typeof events & string) => on(journeys, id, { type, data: { journey: id } });
const sent = (type: string) => ({ type, data: { journey: id } });
const given = (...inputs: readonly ProcessInput[]) => processScenario(travelling()).given(...inputs);
const planned = happened('Planned');
const packed = happened('Packed');
const unpacked = happened('Unpacked');
const retryTimer = 'retry ["pack",""]';
const timeout = (dueInMs: number) => ({ name: 'timeout', dueInMs });
const cancelled = (name: string) => ({ name, cancel: true }) as const;

describe('the deadline of a saga', () => {
  test('is set when it starts, and has it give up', () => {
    given()
      .when(planned)
      .then({ commands: [sent('Pack')], timers: [{ name: 'deadline', dueInMs: 90_000 }, timeout(10_000)] });
    given(planned)
      .when(timer('deadline'))
      .then({ commands: [sent('Unpack')] });
  });

  test('does nothing to one that is under way where nothing can be undone, that is given up already, or has ended', () => {
    given(planned, packed).when(timer('deadline')).then({});
    given(planned, timer('deadline')).when(timer('deadline')).then({});
    given(planned, packed, happened('Left'), happened('Arrived')).when(timer('deadline')).then({ done: true });
  });
});

describe('the time that a step has', () => {
  test('ends with the step: the next may take as long as it likes', () => {
    given(planned)
      .when(packed)
      .then({ commands: [sent('Leave')], timers: [cancelled('timeout')] });
  });

  test('begins anew with each try, and ends when it is given up', () => {
    given(planned)
      .when(timer('timeout'))
      .then({ commands: [sent('Pack')], timers: [timeout(10_000)] });
    given(planned)
      .when(timer('deadline'))
      .then({ commands: [sent('Unpack')], timers: [cancelled('timeout'), timeout(5_000)] });
  });

  test('is given to its undoing too, which is asked for again, and then left to people', () => {
    given(planned, timer('deadline'))
      .when(timer('timeout'))
      .then({ commands: [sent('Unpack')], timers: [timeout(5_000)] });
    given(planned, timer('deadline'), timer('timeout'))
      .when(timer('timeout'))
      .then({ failed: 'pack cannot be undone: no answer, 2 times' });
  });
});

describe('the wait before a try', () => {
  test('ends when it turns out that the step was done', () => {
    given(planned, timer('timeout'), refusal(sent('Pack'), 'Full'))
      .when(packed)
      .then({ commands: [sent('Leave')], timers: [cancelled(retryTimer), cancelled('timeout')] });
  });

  test('ends when all is given up', () => {
    given(planned, timer('timeout'), refusal(sent('Pack'), 'Full'))
      .when(timer('deadline'))
      .then({ commands: [sent('Unpack')], timers: [cancelled(retryTimer), cancelled('timeout'), timeout(5_000)] });
  });

  test.each<[growth: SagaRetry['growth'], waits: readonly number[]]>([
    ['exponential', [100, 200, 400, 700, 700]],
    ['linear', [100, 200, 300, 400, 500]],
    ['constant', [100, 100, 100, 100, 100]],
  ])('grows as it is declared (%s), up to its cap', (growth = 'exponential', waits) => {
    const { given: start } = processScenario(travelling({ attempts: 9, baseMs: 100, capMs: 700, growth }));
    const before: ProcessInput[] = [planned];
    for (const dueInMs of waits) {
      const refused = refusal(sent('Pack'), 'Full');
      start(...before)
        .when(refused)
        .then({ timers: [{ name: retryTimer, dueInMs }] });
      before.push(refused, timer(retryTimer));
    }
  });
});

describe('a saga that has ended', () => {
  test('is not given up any more', () => {
    given(planned, packed, happened('Left'), happened('Arrived')).when(happened('Abandoned')).then({ done: true });
    given(planned, packed, happened('Left'), happened('Arrived')).when(unpacked).then({ done: true });
  });
});

describe('a saga that an operator retries after it failed from outside', () => {
  const saga = travelling();
  const begun = saga.react(saga.initialState, recorded(1, 'Planned'));

  test('has the deadline and the time of its step again', () => {
    expect(saga.operator?.retry(begun.state, true)?.timers).toEqual([{ name: 'deadline', dueInMs: 90_000 }, timeout(10_000)]);
  });

  test('has the time of its undoing again', () => {
    const { state } = saga.fired(begun.state, { name: 'deadline', dueAt: '', at: '' });
    expect(saga.operator?.retry(state, true)?.timers).toEqual([timeout(5_000)]);
  });
});

describe('a saga that an operator retries after it got stuck', () => {
  const saga = travelling();
  const fired = ({ state }: Reaction<JsonObject>, name: string) => saga.fired(state, { name, dueAt: '', at: '' });
  const begun = saga.react(saga.initialState, recorded(1, 'Planned'));
  const stuck = ['deadline', 'timeout', 'timeout'].reduce(fired, begun);

  test('asks for its undoing again, with all tries', () => {
    const retried = saga.operator?.retry(stuck.state, false);
    expect(retried).toMatchObject({ commands: [{ type: 'Unpack' }], resumed: true });
    const [command] = retried?.commands ?? [];
    if (retried === undefined || command === undefined) throw new Error('It asks for its undoing.');
    const refused = saga.rejected(retried.state, reject('Busy', 'not now'), command);
    expect(refused).toMatchObject({ timers: [{ name: retryTimer, dueInMs: 1_000 }], resumed: true });
  });

  test('is done if nothing undoes what has taken effect', () => {
    const after = ['Packed', 'Abandoned', 'Unpacked', 'Left'].reduce(
      ({ state }, type, index) => saga.react(state, recorded(index + 2, type)),
      begun,
    );
    expect(after).toMatchObject({ failed: expect.stringMatching(/^leave cannot be undone/) });
    expect(saga.operator?.retry(after.state, false)).toMatchObject({ done: true });
  });
});

describe('what takes effect too late', () => {
  test('and is being undone is not undone a second time', () => {
    given(planned, timer('deadline')).when(packed).then({});
  });

  test('is undone with all the tries, though it was undone before', () => {
    given(planned, timer('deadline'), unpacked, packed)
      .when(timer('timeout'))
      .then({ commands: [sent('Unpack')] });
  });

  test('and cannot be undone is left to people', () => {
    const failed = 'leave cannot be undone: it took effect after it had been given up, and nothing undoes it';
    given(planned, packed, happened('Abandoned'), unpacked).when(happened('Left')).then({ failed });
    given(planned, packed, happened('Abandoned'), happened('Left')).when(unpacked).then({ failed });
  });
});

test('an undoing is not given up on the refusal of a try that it no longer waits for', () => {
  const first = { ...sent('Unpack'), label: '["undo","pack","",1]' };
  given(planned, timer('deadline'), timer('timeout')).when(refusal(first, 'Busy')).then({});
});

test('a saga that is being undone is not given up anew: what is asked for keeps its time', () => {
  given(planned, timer('deadline')).when(happened('Abandoned')).then({ timers: [] });
});

test('a refusal that comes while all is undone is not tried again', () => {
  given(planned, packed, unpacked)
    .when(refusal(sent('Leave'), 'TooLate'))
    .then({ done: true, timers: [] });
  given(planned, refusal(sent('Pack'), 'Full'))
    .when(happened('Spilled'))
    .then({ timers: [] });
});

test('a try that may have taken effect is undone, however often it is heard that earlier ones did not', () => {
  const first = { ...sent('Pack'), label: '["do","pack","",1]' };
  given(planned, timer('timeout'), happened('Spilled'), timer(retryTimer), refusal(first, 'Full'))
    .when(timer('deadline'))
    .then({ commands: [sent('Unpack')] });
});

test('an undoing that is accepted without events counts from there: what happened later is undone again', () => {
  given(planned, timer('deadline'), packed, unpacked, acceptance(sent('Unpack'), [], 2))
    .when(packed)
    .then({ commands: [sent('Unpack')] });
});

test('an undoing that is accepted without events ends with it, and one of an earlier round says nothing about what was done since', () => {
  given(planned, timer('deadline'), packed)
    .when(acceptance(sent('Unpack'), [], 2))
    .then({ done: true });
  given(planned, timer('deadline'), packed, unpacked, packed)
    .when(acceptance(sent('Unpack'), [], 3))
    .then('ignored');
});

test('an operator cannot have a saga given up where nothing can be undone', () => {
  const saga = travelling();
  const { state } = [packed].reduce(
    (before) => saga.react(before.state, recorded(2, 'Packed')),
    saga.react(saga.initialState, recorded(1, 'Planned')),
  );
  expect(saga.operator?.compensate(state, 'no time')).toBeUndefined();
});

function recorded(position: number, type: string) {
  const at = '2026-01-01T00:00:00.000Z';
  return {
    position,
    stream: `journey-${id}` as const,
    version: position,
    id: `e${position}`,
    type,
    schemaVersion: 1,
    data: { journey: id },
    metadata: {},
    tags: [],
    recordedAt: at,
  };
}
