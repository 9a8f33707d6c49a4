import {
  type CommandOutcome,
  defineEvents,
  defineProcessManager,
  type OutgoingCommand,
  type ProcessChanges,
  type ProcessInstance,
  type ProcessManager,
  type RecordedEvent,
  reject,
  upcast,
} from '@kiroku/core';
import { anySchema, recordedAs } from '@kiroku/testing';
import { describe, expect, test } from 'vitest';
import { reactBatch } from './react-batch.ts';
import { reactToOutcomes } from './react-to-outcomes.ts';
import { reactToTimers } from './react-to-timers.ts';

interface Trip {
  readonly trip: string;
}
const events = defineEvents({ Booked: { schema: anySchema<Trip>() }, Boarded: { schema: anySchema<Trip>() } });
const seat = { schema: anySchema<Trip & { readonly seat: number }>(), target: ({ trip }: Trip) => trip };

const journey: ProcessManager = defineProcessManager({
  name: 'journey',
  events,
  commands: { HoldSeat: seat, FreeSeat: seat },
  initialState: { boarded: 0 },
  on: {
    Booked: {
      starts: true,
      correlate: ({ data }) => data.trip,
      react: (state, { data }) => ({ state, commands: [1, 2].map((n) => ({ type: 'HoldSeat', data: { ...data, seat: n } })) }),
    },
    Boarded: {
      correlate: ({ data }) => (data.trip === 'none' ? undefined : data.trip),
      react: ({ boarded }) => ({ state: { boarded: boarded + 1 }, done: boarded === 1 }),
    },
  },
  onAccepted: {
    FreeSeat: (state, { events: led }) => (led?.length === 0 ? { state, failed: 'it was free' } : undefined),
  },
  onTimer: ({ boarded }, { name }) => {
    if (name === 'broken') throw new Error('not like this');
    return { state: { boarded }, commands: [{ type: 'FreeSeat', data: { trip: name, seat: 1 } }], timers: [{ name: 'next', dueInMs: 5 }] };
  },
  onRejected: {
    HoldSeat: (state, _rejection, { data }) => ({ state, commands: [{ type: 'FreeSeat', data }], done: true }),
  },
});

describe('a process manager', () => {
  test('is started by an event that may start it, and only by such', () => {
    const { instances, react } = reactBatch(journey, [event(1, 'Boarded', 'b'), event(2, 'Booked', 'a'), event(3, 'Boarded', 'none')]);
    expect(instances).toEqual(['b', 'a']);
    expect(react(new Map()).instances).toEqual([{ id: 'a', state: { boarded: 0 }, status: 'running' }]);
  });

  test('takes the events of an instance in order, and is done when it says so', () => {
    const { react } = reactBatch(journey, [
      event(1, 'Booked', 'a'),
      event(2, 'Boarded', 'a'),
      event(3, 'Boarded', 'a'),
      event(4, 'Boarded', 'a'),
    ]);
    const { instances, history } = react(new Map());
    expect(instances).toEqual([{ id: 'a', state: { boarded: 3 }, status: 'done' }]);
    expect(history?.map(({ kind, what }) => `${kind} ${what}`)).toEqual([
      'event Booked',
      'command HoldSeat',
      'command HoldSeat',
      'event Boarded',
      'event Boarded',
      'done nothing more is expected',
      'event Boarded',
    ]);
  });

  test('sends commands that carry on the correlation, name their cause, and have the same ids again', () => {
    const booked = {
      ...event(1, 'Booked', 'a'),
      metadata: { correlationId: 'c-1', traceparent: '00-1-2-01', tracestate: 'rojo=1', actor: 'ann' },
    };
    const { react } = reactBatch(journey, [booked]);
    const { commands } = react(new Map());
    expect(commands.map(({ type, data }) => [type, data])).toEqual([
      ['HoldSeat', { trip: 'a', seat: 1 }],
      ['HoldSeat', { trip: 'a', seat: 2 }],
    ]);
    expect(commands[0]?.metadata).toEqual({
      correlationId: 'c-1',
      causationId: booked.id,
      actor: 'process-manager:journey',
      traceparent: '00-1-2-01',
      tracestate: 'rojo=1',
    });
    expect(new Set(commands.map(({ id }) => id)).size).toBe(2);
    expect(react(new Map()).commands).toEqual(commands);
    expect(reactBatch(journey, [booked]).react(new Map()).commands).toEqual(commands);
  });

  test('sends commands of its own for an event that another reacts to as well', () => {
    const booked = [event(1, 'Booked', 'a')];
    const ids = [journey, { ...journey, name: 'itinerary' }].flatMap((each) => reactBatch(each, booked).react(new Map()).commands);
    expect(new Set(ids.map(({ id }) => id)).size).toBe(4);
  });

  test('is shown events as they are written now', () => {
    const upcasters = { 1: () => ({ trip: 'a, once called so' }) };
    const renamed = defineEvents({ Booked: { schema: anySchema<Trip>(), version: 2, upcasters } });
    const react: ProcessManager['react'] = (state, { data }) => ({ state: { ...state, ...data } });
    const manager = { ...journey, eventTypes: ['Booked'], upcast: (stored: RecordedEvent) => upcast(renamed, stored), react };
    const { instances } = reactBatch(manager, [event(1, 'Booked', 'a')]).react(new Map());
    expect(instances).toMatchObject([{ id: 'a, once called so', state: { trip: 'a, once called so' } }]);
  });

  test('takes the events of the instances of its partition, and each instance belongs to one', () => {
    const inputs = Array.from({ length: 50 }, (_, n) => event(n + 1, 'Booked', `trip-${n}`));
    const held = (partition: number, after = 0) => ({
      lease: { processManager: 'journey', partition, partitions: 4, epoch: 1 },
      after,
    });
    const shares = [0, 1, 2, 3].map((partition) => reactBatch(journey, inputs, [held(partition)]).instances);
    expect(shares.flat().sort()).toEqual(inputs.map(({ data }) => data.trip).sort());
    expect(shares.every((share) => share.length > 0 && share.length < 30)).toBe(true);
  });

  test('that fails on an event says which it was', () => {
    const broken = { ...journey, react: () => JSON.parse('no JSON') };
    expect(() => reactBatch(broken, [event(7, 'Booked', 'a')]).react(new Map())).toThrow(/journey failed on event 7 \(Booked/);
  });
});

describe('the outcome of a command', () => {
  const instance: ProcessInstance = { id: 'a', state: { boarded: 0 }, status: 'running' };
  const [hold, free] = sent(instance);
  const outcome = (command: OutgoingCommand, became: CommandOutcome): ProcessChanges =>
    reactToOutcomes(journey, [{ command, outcome: became }], new Map([[instance.id, instance]]));

  test('that was accepted changes nothing: its events speak', () => {
    const changes = outcome(hold, { accepted: true, position: 9 });
    expect(changes).toMatchObject({ instances: [], commands: [], history: [{ kind: 'accepted', what: 'HoldSeat' }] });
  });

  test('that was accepted is reacted to where that is provided for', () => {
    const changes = outcome(free, { accepted: true, position: 9, events: [] });
    expect(changes.instances).toEqual([{ ...instance, status: 'failed', failure: 'it was free' }]);
    expect(changes.history?.map(({ kind }) => kind)).toEqual(['accepted', 'failed']);
  });

  test('finds the instance as the outcome before it left it', () => {
    const rejected: CommandOutcome = { accepted: false, rejection: reject('Full', 'No seat.') };
    const stored = new Map([[instance.id, instance]]);
    const changes = reactToOutcomes(
      journey,
      [hold, { ...hold, id: 'other' }].map((command) => ({ command, outcome: rejected })),
      stored,
    );
    expect(changes.history?.map(({ kind }) => kind)).toEqual(['rejected', 'command', 'done', 'rejected', 'command']);
  });

  test('that was rejected and provided for is reacted to', () => {
    const changes = outcome(hold, { accepted: false, rejection: reject('Full', 'No seat.') });
    expect(changes.instances).toEqual([{ ...instance, status: 'done' }]);
    expect(changes.commands).toMatchObject([{ type: 'FreeSeat', metadata: { causationId: hold.id } }]);
    expect(changes.history?.map(({ kind }) => kind)).toEqual(['rejected', 'command', 'done']);
  });

  test('that was rejected and not provided for fails the instance, saying why', () => {
    const changes = outcome(free, { accepted: false, rejection: reject('NotHeld', 'It was not held.') });
    expect(changes.instances).toMatchObject([{ status: 'failed', failure: expect.stringMatching(/FreeSeat.*NotHeld.*It was not held/) }]);
  });

  test('of a failed instance leaves it failed', () => {
    const failed: ProcessInstance = { ...instance, status: 'failed', failure: 'no' };
    const { instances } = reactBatch(journey, [event(1, 'Boarded', 'a')]).react(new Map([['a', failed]]));
    expect(instances).toEqual([{ ...failed, state: { boarded: 1 } }]);
  });
});

describe('a timer', () => {
  const instance: ProcessInstance = { id: 'a', state: { boarded: 0 }, status: 'running' };
  const due = (name: string) => {
    const [dueAt, at] = ['2026-01-01T00:00:00.000Z', '2026-01-01T00:00:01.000Z'];
    return { id: 't-1', processManager: 'journey', instance: 'a', name, dueAt, at, metadata: { correlationId: 'c-1' } };
  };

  test('is reacted to, with what goes on from it carrying on the correlation', () => {
    const changes = reactToTimers(journey, [due('late')], new Map([['a', instance]]));
    expect(changes.commands).toMatchObject([{ type: 'FreeSeat', metadata: { correlationId: 'c-1', causationId: 't-1' } }]);
    expect(changes.timers).toMatchObject([{ instance: 'a', name: 'next', due: { inMs: 5 }, metadata: { correlationId: 'c-1' } }]);
    expect(changes.history?.map(({ kind, what }) => `${kind} ${what}`)).toEqual(['timer late', 'command FreeSeat']);
  });

  test('leads to commands of its own, whatever was set together with it, or under its name before', () => {
    const setting = (cause: RecordedEvent) =>
      reactBatch(twice, [cause])
        .react(new Map([['a', instance]]))
        .timers?.flatMap((each) => ('id' in each ? each : [])) ?? [];
    const twice: ProcessManager = {
      ...journey,
      react: (state) => ({ state, timers: ['one', 'other'].map((name) => ({ name, dueInMs: 0 })) }),
    };
    const set = [...setting(event(1, 'Boarded', 'a')), ...setting(event(2, 'Boarded', 'a'))];
    const fired = set.map(({ id, name }) => reactToTimers(journey, [{ ...due(name), id }], new Map([['a', instance]])).commands[0]?.id);
    expect(new Set(fired).size).toBe(4);
  });

  test('of an instance that is done is nothing any more', () => {
    expect(reactToTimers(journey, [due('late')], new Map([['a', { ...instance, status: 'done' }]])).commands).toEqual([]);
  });

  test('whose reaction throws fails its instance, holds up no other, and fires again later', () => {
    const other = { ...due('late'), instance: 'b' };
    const changes = reactToTimers(journey, [due('broken'), other], new Map(['a', 'b'].map((id) => [id, { ...instance, id }])));
    expect(changes.instances).toMatchObject([
      { id: 'a', status: 'failed', failure: expect.stringContaining('not like this') },
      { id: 'b' },
    ]);
    expect(changes.timers).toMatchObject([{ name: 'broken', due: { inMs: 60_000 } }, { name: 'next' }]);
  });

  test('nobody provided for fails its instance, saying so', () => {
    const silent = defineProcessManager({ name: 'silent', events, commands: {}, initialState: {}, on: {} });
    const [failed] = reactToTimers(silent, [due('late')], new Map([['a', instance]])).instances;
    expect(failed?.failure).toMatch(/has no onTimer/);
  });
});

function event(position: number, type: string, trip: string): RecordedEvent {
  return recordedAs(position, { type, data: { trip } });
}

function sent(instance: ProcessInstance) {
  const [hold] = reactBatch(journey, [event(1, 'Booked', instance.id)]).react(new Map()).commands;
  if (hold === undefined) throw new Error('it sends two');
  return [hold, { ...hold, type: 'FreeSeat' }] as const;
}
