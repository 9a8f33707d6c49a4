import { assert, property, record, string } from 'fast-check';
import { expect, test } from 'vitest';
import {
  actionPlace,
  jobPlace,
  letterPlace,
  momentPlace,
  parkedPlace,
  readActionPlace,
  readJobPlace,
  readLetterPlace,
  readMomentPlace,
  readParkedPlace,
  readSagaPlace,
  sagaPlace,
} from './list-places.ts';

const at = '2026-11-27T10:00:00.123456Z';

test('a place is read as it was written, whatever the key, and a shell takes it for one word', () => {
  const key = record({ keyText: string({ unit: 'grapheme' }), table: string({ minLength: 1 }) });
  assert(
    property(key, (names) => {
      const place = { parkedAt: at, projection: 'catalog', version: 1, build: 3, ...names };
      expect(readParkedPlace(parkedPlace(place))).toEqual(place);
      expect(parkedPlace(place)).toMatch(/^[A-Za-z0-9_.~:,%-]*$/);
    }),
  );
  const letter = { diedAt: at, position: 12, consumer: 'bookkeeping' };
  expect(letterPlace(letter)).toBe('2026-11-27T10:00:00.123456Z,12,bookkeeping');
  expect(readLetterPlace(letterPlace(letter))).toEqual(letter);
  const job = { createdAt: at, id: '0199f0a0-0000-7000-8000-000000000001' };
  expect(readJobPlace(jobPlace(job))).toEqual(job);
  expect(readActionPlace(actionPlace({ at, id: job.id }))).toEqual({ at, id: job.id });
  const moment = { position: 48_211, name: 'end_of_october' };
  expect(momentPlace(moment)).toBe('48211,end_of_october');
  expect(readMomentPlace(momentPlace(moment))).toEqual(moment);
});

test.each(['', 'yesterday,1,x', `${at},one,x`, `${at},1`, `${at},1,%`, `${at},1,x,y`])('%j is no place of a dead letter', (text) => {
  expect(() => readLetterPlace(text)).toThrow(expect.objectContaining({ code: 'BadRequest' }));
});

test.each(['', 'end_of_october', '-1,x', '1.5,x', '1,', '1,x,y', '1,%'])('%j is no place of a moment', (text) => {
  expect(() => readMomentPlace(text)).toThrow(expect.objectContaining({ code: 'BadRequest' }));
});

test('a place of a saga has the moment when it moved, which is its end if it has one; a time alone is one, too', () => {
  const saga = { processManager: 'fulfilment', id: 'trip,1 ü', updatedAt: '2026-11-28T10:00:00.000001Z' };
  expect(readSagaPlace(sagaPlace({ ...saga, endedAt: at }))).toEqual({ movedAt: at, processManager: 'fulfilment', id: 'trip,1 ü' });
  expect(readSagaPlace(sagaPlace({ ...saga, endedAt: null }))).toMatchObject({ movedAt: saga.updatedAt });
  expect(readSagaPlace(at)).toEqual({ movedAt: at });
});

test.each(['', 'yesterday', `${at},fulfilment`, `${at},,x`, `${at},a,b,c`, `${at},a,%`, `${at},a,b%00`])(
  '%j is no place of a saga',
  (text) => {
    expect(() => readSagaPlace(text)).toThrow(expect.objectContaining({ code: 'BadRequest' }));
  },
);

test.each(['', at, `${at},ada`, `yesterday,0199f0a0-0000-7000-8000-000000000001`])('%j is no place of an action', (text) => {
  expect(() => readActionPlace(text)).toThrow(expect.objectContaining({ code: 'BadRequest' }));
});
