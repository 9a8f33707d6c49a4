import { defineSaga, diagramOf } from '@kiroku/core';
import { describe, expect, test } from 'vitest';
import { booking, fare, trip } from './sample-saga.ts';

const bare = {
  name: 'bare',
  events: { ...trip.events, ...fare.events },
  commands: { ...trip.commands, ...fare.commands },
  correlate: () => 'one',
  startsOn: { TripAsked: () => ({}) },
} as const;

describe('a declaration', () => {
  test('is drawn', () => {
    expect(diagramOf(booking)).toMatchInlineSnapshot(`
      "flowchart TD
        begin(["TripAsked"]) --> s0
        s0["hold seats<br/>HoldSeat<br/>30 s, 3 tries"]
        s1["pay fare<br/>PayFare<br/>60 s, 2 tries"]
        s2["book<br/>BookTrip<br/>waits, 5 tries"]
        s0 -->|"SeatHeld"| s1
        s0 -.->|"SeatTaken, refused, no answer"| u0
        s1 -->|"FarePaid"| s2
        s1 -.->|"FareDeclined, refused, no answer"| u1
        s2 -->|"TripBooked"| completed
        s2 -.->|"TripIsOver, NotReady, refused"| u2
        cancel(["TripCancelled"]) -.->|"in the middle"| u2
        completed([completed])
        u0["FreeSeat"]
        u1["ReturnFare"]
        u2["book: nothing to undo"]
        u0 -->|"SeatFreed"| undoStart
        u1 -->|"FareReturned"| u0
        u2 --> u1
        undoStart["CancelTrip"] -->|"TripCancelled"| compensated([compensated])
      "
    `);
  });

  test('is drawn without what it does not declare', () => {
    const saga = defineSaga({
      ...bare,
      steps: [{ name: 'pay', command: { type: 'PayFare', data: () => ({ trip: '' }) }, success: { FarePaid: true } }],
    });
    expect(diagramOf(saga)).toMatchInlineSnapshot(`
      "flowchart TD
        begin(["TripAsked"]) --> s0
        s0["pay<br/>PayFare<br/>waits, once"]
        s0 -->|"FarePaid"| completed
        s0 -.->|"refused"| u0
        completed([completed])
        u0["pay: nothing to undo"]
        u0 --> undoStart
        undoStart([compensated])
      "
    `);
  });

  test('is drawn with every event that starts, cancels, ends or undoes, and each cause of a failure once', () => {
    const saga = defineSaga({
      ...bare,
      startsOn: { TripAsked: () => ({}), TripBooked: () => ({}) },
      cancelsOn: { TripCancelled: true, FareDeclined: true },
      steps: [
        {
          name: 'pay',
          command: { type: 'PayFare', data: () => ({ trip: '' }) },
          success: { FarePaid: true, FareReturned: true },
          failure: { FareDeclined: true },
          retry: { attempts: 2, notOn: ['FareDeclined', 'FareIsOver'] },
          undo: {
            command: { type: 'ReturnFare', data: () => ({ trip: '' }) },
            success: { FareReturned: () => '', FareDeclined: () => '' },
          },
        },
      ],
      undo: { command: { type: 'CancelTrip', data: () => ({ trip: '', reason: '' }) }, success: { TripCancelled: true, TripBooked: true } },
    });
    expect(diagramOf(saga)).toMatchInlineSnapshot(`
      "flowchart TD
        begin(["TripAsked, TripBooked"]) --> s0
        s0["pay<br/>PayFare<br/>waits, 2 tries"]
        s0 -->|"FarePaid, FareReturned"| completed
        s0 -.->|"FareDeclined, FareIsOver, refused"| u0
        cancel(["TripCancelled, FareDeclined"]) -.->|"in the middle"| u0
        completed([completed])
        u0["ReturnFare"]
        u0 -->|"FareReturned, FareDeclined"| undoStart
        undoStart["CancelTrip"] -->|"TripCancelled, TripBooked"| compensated([compensated])
      "
    `);
  });

  test('with quotation marks in a name is drawn all the same', () => {
    const step = { name: 'the "fare"', command: { type: 'PayFare', data: () => ({ trip: '' }) }, success: { FarePaid: true } } as const;
    expect(diagramOf(defineSaga({ ...bare, steps: [step] }))).toContain('s0["the #quot;fare#quot;<br/>');
  });

  test('of a process manager that declares no steps is not drawn', () => {
    expect(() => diagramOf({ name: 'counting' })).toThrow(
      expect.objectContaining({ code: 'DefinitionInvalid', message: expect.stringContaining('counting has no declared steps') }),
    );
  });
});
