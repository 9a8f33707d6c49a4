import { command, defineAggregate, defineEvents, defineProcessManager, defineProjection, readEvents, reject } from '@kiroku/core';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { invalid, nothing, rejected } from './expectation.ts';
import { on, recordPast } from './past.ts';
import { refusal } from './process-inputs.ts';
import { processScenario } from './process-scenario.ts';
import { projectionScenario } from './projection-scenario.ts';
import { scenario } from './scenario.ts';
import { World } from './world.ts';

const events = defineEvents({
  SeatTaken: { schema: z.strictObject({ show: z.string(), guest: z.string() }), tags: ({ guest }) => [`guest:${guest}`] },
  ShowFull: { schema: z.strictObject({ show: z.string() }) },
});
const seatsOf = (guest: string) =>
  readEvents({ events, query: [{ tags: [`guest:${guest}`] }], initial: 0, fold: { SeatTaken: (count) => count + 1 } });
const show = defineAggregate({
  name: 'show',
  events,
  initialState: 0,
  evolve: { SeatTaken: (taken) => taken + 1, ShowFull: (taken) => taken },
  commands: {
    TakeSeat: command({
      schema: z.strictObject({ show: z.string(), guest: z.string().min(1) }),
      target: (data) => data.show,
      reads: (data) => ({ seats: seatsOf(data.guest) }),
    }),
    CloseShow: command({ schema: z.strictObject({ show: z.string() }), target: (data) => data.show }),
  },
  decide: {
    TakeSeat: (taken, { data }, { seats }) => {
      if (seats > 0) return reject('HasSeat', 'One seat each.', { seats });
      return taken >= 2 ? reject('Full', 'No seat is left.') : [{ type: 'SeatTaken', data }];
    },
    CloseShow: (taken, { data }) => (taken === 2 ? [{ type: 'ShowFull', data }] : []),
  },
});

const seat = (guest: string, at = 'hamlet') => on(show, at, { type: 'SeatTaken', data: { show: at, guest } });
const take = (guest: string) => ({ type: 'TakeSeat', data: { show: 'hamlet', guest } }) as const;

describe('a scenario of an aggregate', () => {
  const { given } = scenario(show);

  test('passes for the events, the rejection or the faults that come', () => {
    given()
      .when(take('ada'))
      .then({ type: 'SeatTaken', data: { show: 'hamlet', guest: 'ada' } });
    given(seat('ada'), seat('bob')).when(take('eve')).then(rejected('Full'));
    given().when(take('')).then(invalid('guest'));
    given()
      .when({ type: 'CloseShow', data: { show: 'hamlet' } })
      .then(nothing);
  });

  test('finds by tag what a command reads in other streams', () => {
    given(seat('ada', 'faust'))
      .when(take('ada'))
      .then(rejected('HasSeat', { seats: 1 }));
  });

  test('fails for other events, and shows both', () => {
    const outcome = given().when(take('ada'));
    expect(() => outcome.then(nothing)).toThrow(/expected no events.*SeatTaken|expected no events/s);
    expect(() => outcome.then({ type: 'SeatTaken', data: { show: 'hamlet', guest: 'bob' } })).toThrow(/expected events/);
  });

  test('fails for another code, other details, or events in place of a rejection', () => {
    const refused = given(seat('ada')).when(take('ada'));
    expect(() => refused.then(rejected('Full'))).toThrow(/expected the rejection Full/);
    expect(() => refused.then(rejected('HasSeat', { seats: 2 }))).toThrow(/expected the rejection HasSeat/);
    expect(() => refused.then({ type: 'ShowFull', data: { show: 'hamlet' } })).toThrow(/expected events/);
    expect(() => given().when(take('ada')).then(rejected('Full'))).toThrow(/expected the rejection Full/);
  });

  test('fails for faults elsewhere, or none', () => {
    expect(() => given().when(take('')).then(invalid('show'))).toThrow(/expected the command to be invalid/);
    expect(() => given().when(take('ada')).then(invalid('guest'))).toThrow(/expected the command to be invalid/);
  });

  test('does not take events that do not fit their schema', () => {
    // @ts-expect-error a guest is missing
    const broken = on(show, 'hamlet', { type: 'SeatTaken', data: { show: 'hamlet' } });
    expect(() => given(broken).when(take('ada'))).toThrow(expect.objectContaining({ code: 'DecisionInvalid' }));
  });

  test('says so when it is awaited instead of ended', async () => {
    const unended: unknown = given().when(take('ada'));
    await expect(unended).rejects.toThrow(/not awaited/);
  });
});

describe('a scenario of a projection', () => {
  const seats = defineProjection({
    name: 'seats',
    version: 1,
    events,
    tables: {
      seat: {
        columns: { show: 'text key', guest: 'text key', position: 'integer' },
        on: { SeatTaken: { keys: ({ data }) => data, fold: (_, { data, position }) => ({ ...data, position }) } },
      },
    },
  });
  const { given } = projectionScenario(seats);
  const rows = [
    { show: 'faust', guest: 'bob', position: 2 },
    { show: 'hamlet', guest: 'ada', position: 1 },
  ];

  test('compares all rows, in any order', () => {
    given(seat('ada'), seat('bob', 'faust')).thenRows('seat', rows);
    expect(() => given(seat('ada')).thenRows('seat', rows)).toThrow(/rows of seat/);
    expect(() => given(seat('ada')).thenRows('seat', [])).toThrow(/rows of seat/);
  });
});

const closing = defineProcessManager({
  name: 'closing',
  events,
  commands: show.commands,
  initialState: { taken: 0 },
  on: {
    SeatTaken: {
      correlate: ({ data }) => data.show,
      starts: true,
      react: ({ taken }, { data }) => ({
        state: { taken: taken + 1 },
        commands: taken === 1 ? [{ type: 'CloseShow', data: { show: data.show } }] : [],
      }),
    },
    ShowFull: { correlate: ({ data }) => data.show, react: (state) => ({ state, done: true }) },
  },
  onRejected: {
    CloseShow: (state, { code }) => (code === 'Busy' ? { state, commands: [{ type: 'CloseShow', data: { show: 'hamlet' } }] } : undefined),
  },
});

describe('a scenario of a process manager', () => {
  const { given } = processScenario(closing);
  const close = { type: 'CloseShow', data: { show: 'hamlet' } };
  const full = on(show, 'hamlet', { type: 'ShowFull', data: { show: 'hamlet' } });

  test('compares what the last input leads to', () => {
    given(seat('ada'))
      .when(seat('bob'))
      .then({ commands: [close], state: { taken: 2 } });
    given(seat('ada'))
      .when(refusal(close, 'Busy'))
      .then({ commands: [close] });
    given(seat('ada')).when(refusal(close, 'Odd')).then('failed');
    given(seat('ada')).when(full).then({ done: true });
    given().when(full).then('ignored');
  });

  test('keeps instances apart', () => {
    given(seat('ada'))
      .when(seat('bob', 'faust'))
      .then({ state: { taken: 1 } });
  });

  test('fails for other commands, another state, or an end that has not come', () => {
    const reaction = given(seat('ada')).when(seat('bob'));
    expect(() => reaction.then({})).toThrow(/the reaction/);
    expect(() => reaction.then({ commands: [close], state: { taken: 1 } })).toThrow(/the reaction/);
    expect(() => reaction.then({ commands: [close], done: true })).toThrow(/the reaction/);
    expect(() => reaction.then('ignored')).toThrow(/the reaction/);
  });
});

test('a world settles: events lead to commands, and commands to events', () => {
  const world = new World({ aggregates: [show], processManagers: [closing] });
  for (const guest of ['ada', 'bob', 'eve']) world.handle(take(guest));
  world.settle();
  expect(world.log.map(({ type }) => type)).toEqual(['SeatTaken', 'SeatTaken', 'ShowFull']);
  expect(world.instances.get('closing/hamlet')).toEqual({ state: { taken: 2 }, done: true });
});

test('a past numbers its events in the order it is told, over streams that take turns', () => {
  const log = recordPast([seat('ada'), seat('bob', 'faust'), seat('eve')]);
  expect(log.map(({ position, stream, version }) => [position, stream, version])).toEqual([
    [1, 'show-hamlet', 1],
    [2, 'show-faust', 1],
    [3, 'show-hamlet', 2],
  ]);
});
