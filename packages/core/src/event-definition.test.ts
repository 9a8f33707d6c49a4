import { describe, expect, test } from 'vitest';
import { isKirokuError } from './errors.ts';
import type { RecordedEvent } from './event.ts';
import { defineEvents, toNewEvent, upcast } from './event-definition.ts';
import type { JsonObject } from './json.ts';
import type { Schema } from './schema.ts';

/** A Standard Schema written out, so that core's tests need no schema library. */
function schema<T>(isValid: (value: unknown) => boolean): Schema<T> {
  return {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (value) => (isValid(value) ? { value: value as T } : { issues: [{ message: 'is wrong', path: ['amount'] }] }), // isValid has checked it
    },
  };
}

const deposited = schema<{ amount: number; currency: string }>((value) => typeof (value as JsonObject).amount === 'number'); // any JSON object

const events = defineEvents({
  Deposited: {
    schema: deposited,
    version: 3,
    upcasters: {
      1: ({ sum, ...rest }) => ({ ...rest, amount: sum }),
      2: (data) => ({ ...data, currency: 'EUR' }),
    },
    tags: ({ currency }) => [`currency:${currency}`],
  },
});

function recorded(over: Partial<RecordedEvent>): RecordedEvent {
  return {
    position: 7,
    stream: 'account-1',
    version: 1,
    id: '019a0000-0000-7000-8000-000000000001',
    type: 'Deposited',
    schemaVersion: 1,
    data: { sum: 5 },
    metadata: {},
    tags: [],
    recordedAt: '2026-01-01T00:00:00.000000Z',
    ...over,
  };
}

describe('upcasting', () => {
  test('a history of mixed versions is read at the present one', () => {
    const history = [
      recorded({ schemaVersion: 1, data: { sum: 5 } }),
      recorded({ schemaVersion: 2, data: { amount: 6 } }),
      recorded({ schemaVersion: 3, data: { amount: 7, currency: 'JPY' } }),
    ];
    expect(history.map((event) => upcast(events, event).data)).toEqual([
      { amount: 5, currency: 'EUR' },
      { amount: 6, currency: 'EUR' },
      { amount: 7, currency: 'JPY' },
    ]);
  });

  test('the event in the log is not changed by it', () => {
    const event = recorded({});
    upcast(events, event);
    expect(event.data).toEqual({ sum: 5 });
  });

  test('a type that this code does not know is refused, not dropped', () => {
    expect(() => upcast(events, recorded({ type: 'Withdrawn' }))).toThrowError(/Cannot read event 7 of account-1/);
  });

  test('a newer version than this code knows is refused', () => {
    const attempt = () => upcast(events, recorded({ schemaVersion: 4 }));
    expect(attempt).toThrowError(/known up to schema version 3/);
    expect(attempt).toThrowError(expect.objectContaining({ code: 'UnknownEvent' }));
  });

  test('a version without its upcaster is refused when it is defined', () => {
    expect(() => defineEvents({ Deposited: { schema: deposited, version: 3, upcasters: { 1: (data) => data } } })).toThrowError(
      /no upcaster from version 2/,
    );
  });
});

describe('a decided event', () => {
  test('gets the present version and its tags', () => {
    expect(toNewEvent(events, { type: 'Deposited', data: { amount: 1, currency: 'EUR' } })).toEqual({
      type: 'Deposited',
      schemaVersion: 3,
      data: { amount: 1, currency: 'EUR' },
      tags: ['currency:EUR'],
    });
  });

  test('that does not fit its schema is a fault that names the field', () => {
    try {
      toNewEvent(events, { type: 'Deposited', data: { amount: 'much' } });
      expect.unreachable();
    } catch (error) {
      expect(isKirokuError(error, 'DecisionInvalid') && error.message).toMatch(/amount: is wrong/);
    }
  });
});
