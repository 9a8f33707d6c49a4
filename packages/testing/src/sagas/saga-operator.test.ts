import { type JsonObject, type Reaction, reject, type Sending } from '@kiroku/core';
import { describe, expect, test } from 'vitest';
import { recordedAs } from '../contracts/ledger-moves.ts';
import { booking } from './sample-saga.ts';

const trip = 't1';
const asked = (...seats: string[]) => booking.react(booking.initialState, recordedAs(1, { type: 'TripAsked', data: { trip, seats } }));
const held = ({ state }: Reaction<JsonObject>, seat: string) =>
  booking.react(state, recordedAs(2, { type: 'SeatHeld', data: { trip, seat } }));
const declined = recordedAs(9, { type: 'FareDeclined', data: { trip } });
const commandOf = ({ commands = [] }: Reaction<JsonObject>, index = 0): Sending => commands[index] ?? { type: 'none', data: {} };
const refused = ({ state }: Reaction<JsonObject>, command: Sending, code: string) => {
  const reaction = booking.rejected(state, reject(code, code), command);
  if (reaction === undefined) throw new Error('a saga provides for every rejection');
  return reaction;
};

describe('an operator who retries a saga', () => {
  test('has what waits for its next try tried at once, on the way forward and back', () => {
    const start = asked('a');
    const waiting = refused(start, commandOf(start), 'Busy');
    expect(booking.operator?.retry(waiting.state, false)?.commands).toMatchObject([{ type: 'HoldSeat', data: { seat: 'a' } }]);

    const two = asked('a', 'taken');
    const back = refused(held(two, 'a'), commandOf(two, 1), 'SeatTaken');
    const undoWaits = refused(back, commandOf(back), 'Busy');
    expect(booking.operator?.retry(undoWaits.state, false)?.commands).toMatchObject([{ type: 'FreeSeat', data: { seat: 'a' } }]);
  });

  test('gives one that failed from outside its timers back', () => {
    expect(booking.operator?.retry(asked('a').state, false)).toBeUndefined();
    const again = booking.operator?.retry(asked('a').state, true);
    expect(again).toMatchObject({ commands: [], timers: [{ name: 'timeout', dueInMs: 30_000 }], resumed: true });
  });
});

describe('an instance at a step that the code does not declare (any more)', () => {
  const earlier = (state: JsonObject): JsonObject =>
    JSON.parse(JSON.stringify(state).replaceAll('hold seats', 'hold places')) as JsonObject; // as an earlier release had called it
  const undeclared = expect.objectContaining({ code: 'DefinitionInvalid', message: expect.stringContaining('"hold places"') });

  test('is not taken further: it would never end', () => {
    const state = earlier(asked('a').state);
    expect(() => booking.react(state, recordedAs(2, { type: 'SeatHeld', data: { trip, seat: 'a' } }))).toThrow(undeclared);
    expect(() => booking.fired(state, { name: 'timeout', dueAt: '', at: '' })).toThrow(undeclared);
    expect(() => booking.operator?.retry(state, false)).toThrow(undeclared);
    expect(() => booking.operator?.compensate(state, 'no')).toThrow(undeclared);
  });

  test('is not undone without what it has done there', () => {
    expect(() => booking.react(earlier(held(asked('a'), 'a').state), declined)).toThrow(undeclared);
  });

  test('can be closed, and hears what comes after that', () => {
    const closed = booking.operator?.close(earlier(asked('a').state), 'settled by hand');
    expect(closed).toMatchObject({ done: true });
    expect(booking.react(closed?.state ?? {}, declined)).toMatchObject({ done: true });
  });
});

test('a command says which try of its step it is', () => {
  const first = commandOf(asked('a'));
  const again = booking.operator?.retry(refused(asked('a'), first, 'Busy').state, false);
  expect([first, again?.commands?.[0] ?? first].map((command) => booking.tryOf?.(command))).toEqual([1, 2]);
});
