import { defineSaga, type SagaDefinition } from '@kiroku/core';
import { describe, expect, test } from 'vitest';
import { on } from '../given-when-then/past.ts';
import { acceptance, refusal, timer } from '../given-when-then/process-inputs.ts';
import { processScenario } from '../given-when-then/process-scenario.ts';
import { booking, fare, seat, trip } from './sample-saga.ts';

const { given } = processScenario(booking);
const id = 't1';
const asked = (...seats: string[]) => on(trip, id, { type: 'TripAsked', data: { trip: id, seats } });
const held = (name: string) => on(seat, `${id}:${name}`, { type: 'SeatHeld', data: { trip: id, seat: name } });
const freed = (name: string) => on(seat, `${id}:${name}`, { type: 'SeatFreed', data: { trip: id, seat: name } });
const paid = on(fare, id, { type: 'FarePaid', data: { trip: id } });
const declined = on(fare, id, { type: 'FareDeclined', data: { trip: id } });
const returned = on(fare, id, { type: 'FareReturned', data: { trip: id } });
const booked = on(trip, id, { type: 'TripBooked', data: { trip: id } });
const cancelled = on(trip, id, { type: 'TripCancelled', data: { trip: id, reason: 'no time' } });
const hold = (name: string) => ({ type: 'HoldSeat', data: { trip: id, seat: name } });
const free = (name: string) => ({ type: 'FreeSeat', data: { trip: id, seat: name } });
const pay = { type: 'PayFare', data: { trip: id } };
const giveBack = { type: 'ReturnFare', data: { trip: id } };
const book = { type: 'BookTrip', data: { trip: id } };
const cancel = (reason: string) => ({ type: 'CancelTrip', data: { trip: id, reason } });
const noAnswer = 'pay fare: no answer within 60 s, 2 times.';

describe('a saga', () => {
  test('sends the commands of a step together and goes on when all are done', () => {
    given()
      .when(asked('a', 'b'))
      .then({ commands: [hold('a'), hold('b')] });
    given(asked('a', 'b')).when(held('b')).then({});
    given(asked('a', 'b'), held('b'))
      .when(held('a'))
      .then({ commands: [pay] });
  });

  test('is done when the last step is', () => {
    given(asked('a'), held('a'), paid).when(booked).then({ done: true });
  });

  test('passes over a step without parts', () => {
    given()
      .when(asked())
      .then({ commands: [pay] });
  });

  test('takes a success that comes before its step as done', () => {
    given(asked('a'), paid)
      .when(held('a'))
      .then({ commands: [book] });
  });

  test('does nothing on an event it has heard before', () => {
    given(asked('a'), held('a')).when(asked('a')).then({});
    given(asked('a'), held('a')).when(held('a')).then({});
    given(asked('a'), held('a'), paid, booked).when(paid).then({ done: true });
  });
});

describe('a step', () => {
  test('that is refused is tried again after a wait that grows', () => {
    given(asked('a'))
      .when(refusal(hold('a'), 'Busy'))
      .then({ timers: [{ name: 'retry ["hold seats","a"]', dueInMs: 1_000 }] });
    given(asked('a'), refusal(hold('a'), 'Busy'))
      .when(timer('retry ["hold seats","a"]'))
      .then({ commands: [hold('a')] });
    given(asked('a'), refusal(hold('a'), 'Busy'), timer('retry ["hold seats","a"]'))
      .when(refusal(hold('a'), 'Busy'))
      .then({ timers: [{ name: 'retry ["hold seats","a"]', dueInMs: 2_000 }] });
  });

  test('is not tried again where that is useless: what is done is undone, in reverse, with the reason', () => {
    given(asked('a', 'taken'), held('a'))
      .when(refusal(hold('taken'), 'SeatTaken', 'Somebody sits there.'))
      .then({ commands: [free('a')] });
    given(asked('a', 'taken'), held('a'), refusal(hold('taken'), 'SeatTaken', 'Somebody sits there.'))
      .when(freed('a'))
      .then({ commands: [cancel('hold seats: Somebody sits there.')] });
  });

  test('can fail by an event', () => {
    given(asked('a'), held('a'))
      .when(declined)
      .then({ commands: [free('a')] });
  });

  test('without an answer is asked again, and given up after its last try', () => {
    given(asked('a'), held('a'))
      .when(timer('timeout'))
      .then({ commands: [pay], timers: [{ name: 'timeout', dueInMs: 60_000 }] });
    given(asked('a'), held('a'), timer('timeout'))
      .when(timer('timeout'))
      .then({ commands: [giveBack] });
  });

  test('is given up when one of its parts has no try left', () => {
    given(asked('a', 'b'), refusal(hold('a'), 'Busy'), timer('retry ["hold seats","a"]'), timer('timeout'))
      .when(timer('timeout'))
      .then({ commands: [free('a'), free('b')] });
  });

  test('is not failed by the refusal of a try that it no longer waits for', () => {
    const first = { ...pay, label: '["do","pay fare","",1]' };
    given(asked('a'), held('a'), timer('timeout')).when(refusal(first, 'FareIsOver')).then({});
  });
});

describe('compensation', () => {
  const givenUp = [asked('a'), held('a'), timer('timeout'), timer('timeout')];

  test('begins with what may have been done, and ends with what the start stands for', () => {
    given(...givenUp)
      .when(returned)
      .then({ commands: [free('a')] });
    given(...givenUp, returned)
      .when(freed('a'))
      .then({ commands: [cancel(noAnswer)] });
    given(...givenUp, returned, freed('a'))
      .when(cancelled)
      .then({ done: true });
  });

  test('takes an acceptance without events for having found nothing to undo', () => {
    given(...givenUp)
      .when(acceptance(giveBack))
      .then({ commands: [free('a')] });
    given(...givenUp)
      .when(acceptance(giveBack, ['FareReturned']))
      .then('ignored');
  });

  test('undoes what takes effect too late, also after its end', () => {
    given(...givenUp, acceptance(giveBack, [], 2))
      .when(paid)
      .then({ commands: [giveBack] });
    given(...givenUp, acceptance(giveBack, [], 2), freed('a'), cancelled)
      .when(paid)
      .then({ commands: [giveBack] });
    given(...givenUp, acceptance(giveBack, [], 2), freed('a'), cancelled, paid)
      .when(returned)
      .then({ done: true });
  });

  test('undoes again what took effect after its undoing was decided', () => {
    given(...givenUp, paid)
      .when(acceptance(giveBack, [], 2))
      .then({ commands: [giveBack] });
  });

  test('is asked for in the middle by an event', () => {
    given(asked('a'), held('a'))
      .when(cancelled)
      .then({ commands: [giveBack] });
    given(asked('a'), held('a'), cancelled, acceptance(giveBack)).when(freed('a')).then({ done: true });
  });

  test('tells the reason that the event gives', () => {
    const { state } = booking.react(booking.initialState, recorded(1, 'TripAsked', { trip: id, seats: ['a'] }));
    const givenUp = booking.react(state, recorded(2, 'TripCancelled', { trip: id, reason: 'no time' }));
    expect(givenUp.state).toMatchObject({ phase: 'compensating', reason: 'no time' });
  });

  test('does not take up again what is asked for when it begins', () => {
    given(asked('a'), paid, cancelled)
      .when(refusal(hold('a'), 'Busy'))
      .then({ timers: [] });
  });

  test('asks once for each part of a step', () => {
    given(asked('a', 'b', 'taken'), held('a'), held('b'), refusal(hold('taken'), 'SeatTaken'))
      .when(freed('a'))
      .then({});
  });

  test('has all its tries again for what was done again before its turn', () => {
    const again = [...givenUp, acceptance(giveBack, [], 2), freed('a'), paid, cancelled, held('a')];
    given(...again)
      .when(returned)
      .then({ commands: [free('a')] });
    given(...again, returned)
      .when(refusal(free('a'), 'Busy'))
      .then({ timers: [{ name: 'retry ["hold seats","a"]', dueInMs: 1_000 }] });
  });

  test('begins when somebody else undoes a step', () => {
    given(asked('a'), held('a'))
      .when(freed('a'))
      .then({ commands: [giveBack] });
    given(asked('a'))
      .when(freed('a'))
      .then({ commands: [cancel('hold seats: SeatFreed')] });
  });

  test('undoes at once what is done again while its step is being undone', () => {
    given(asked('a', 'b', 'taken'), held('a'), held('b'), refusal(hold('taken'), 'SeatTaken'), freed('a'))
      .when(held('a'))
      .then({ commands: [free('a')] });
  });

  test('that is refused because there is nothing to undo is over', () => {
    const last = [...givenUp, returned, freed('a')];
    given(...last)
      .when(refusal(cancel(noAnswer), 'TripIsOver'))
      .then({ done: true });
    given(...last)
      .when(refusal(cancel(noAnswer), 'Busy', 'not now'))
      .then({ failed: 'start cannot be undone: Busy: not now' });
  });

  test('that is refused is tried again, then left to people, and goes on when it is done', () => {
    const stuck = [asked('a', 'taken'), held('a'), refusal(hold('taken'), 'SeatTaken'), refusal(free('a'), 'Busy')];
    given(...stuck)
      .when(timer('retry ["hold seats","a"]'))
      .then({ commands: [free('a')] });
    given(...stuck, timer('retry ["hold seats","a"]'))
      .when(refusal(free('a'), 'Busy', 'not now'))
      .then({ failed: 'hold seats (a) cannot be undone: Busy: not now' });
    given(...stuck, timer('retry ["hold seats","a"]'), refusal(free('a'), 'Busy', 'not now'))
      .when(freed('a'))
      .then({ commands: [cancel('hold seats: SeatTaken')] });
  });

  test('is not tried again after a wait that turned out to be needless', () => {
    given(asked('a', 'b', 'taken'), held('a'), held('b'), refusal(hold('taken'), 'SeatTaken'), refusal(free('a'), 'Busy'), freed('a'))
      .when(timer('retry ["hold seats","a"]'))
      .then({});
  });

  test('is left to people as long as any part of it is', () => {
    const both = [asked('a', 'b', 'taken'), held('a'), held('b'), refusal(hold('taken'), 'SeatTaken')];
    const refused = ['a', 'b'].flatMap((name) => [
      refusal(free(name), 'Busy'),
      timer(`retry ["hold seats","${name}"]`),
      refusal(free(name), 'Busy'),
    ]);
    given(...both, ...refused)
      .when(freed('a'))
      .then({ failed: 'hold seats (b) cannot be undone: Busy: Busy' });
  });
});

test('what an operator has closed stays as it is: what takes effect later is undone, and nothing else', () => {
  const start = booking.react(booking.initialState, recorded(1, 'TripAsked', { trip: id, seats: ['a', 'b'] }));
  const half = booking.react(start.state, recorded(2, 'SeatHeld', { trip: id, seat: 'a' }));
  const closed = booking.operator?.close(half.state, 'settled by hand');
  const late = booking.react(closed?.state ?? {}, recorded(3, 'SeatHeld', { trip: id, seat: 'b' }));
  expect(late.commands).toMatchObject([free('b')]);
  expect(booking.react(late.state, recorded(4, 'SeatFreed', { trip: id, seat: 'b' }))).toMatchObject({ commands: [], done: true });
});

test('an operator can have it try again what got stuck, and give up what still runs', () => {
  const start = booking.react(booking.initialState, recorded(1, 'TripAsked', { trip: id, seats: ['a', 'taken'] }));
  expect(booking.operator?.retry(start.state, false)).toBeUndefined();
  const givenUp = booking.operator?.compensate(start.state, 'the train is cancelled');
  expect(givenUp?.commands?.map(({ type }) => type)).toEqual(['FreeSeat', 'FreeSeat']);
  expect(booking.operator?.compensate(givenUp?.state ?? {}, 'again')).toBeUndefined();
});

describe('a declaration', () => {
  test('with two steps of one name, without a start, or with a step that nothing ends, is refused', () => {
    const plain = { name: 's', events: {}, commands: {}, correlate: () => 'x', startsOn: { A: () => ({}) }, steps: [] };
    const step = { name: 'go', command: { type: 'Go', data: () => ({}) }, success: { Gone: true } };
    const refused = (change: object) => expect(() => defineSaga({ ...plain, ...change } as unknown as AnySaga)); // the types refuse it too
    refused({ steps: [step, step] }).toThrow(/two steps called "go"/);
    refused({ steps: [{ ...step, name: 'start' }] }).toThrow(/"start" is taken/);
    refused({ startsOn: {} }).toThrow(/started by no event/);
    refused({ steps: [{ ...step, success: {} }] }).toThrow(/No event says that the step "go"/);
  });
});

type AnySaga = SagaDefinition<Record<string, never>, Record<never, never>, Record<never, never>>;

function recorded(position: number, type: string, data: object) {
  const [stream, metadata] = [`trip-${id}` as const, {}];
  return {
    position,
    stream,
    version: position,
    id: `e${position}`,
    type,
    schemaVersion: 1,
    data: { ...data },
    metadata,
    tags: [],
    recordedAt: '2026-01-01T00:00:00.000Z',
  };
}
