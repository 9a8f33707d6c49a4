import { describe, expect, test } from 'vitest';
import { checkAppend } from './checked-append.ts';
import type { NewEvent } from './event.ts';
import type { AppendRequest, ConsistencyCondition, ExpectedVersion, StreamAppend } from './ports/event-store.ts';

const idOf = (n: number) => `0199F0A0-0000-7000-8000-${String(n).padStart(12, '0')}`;
const placed: NewEvent = { type: 'Placed', data: {} };
const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));
const text = (bytes: number, letter = 'x') => ({ t: letter.repeat((bytes - '{"t":""}'.length) / Buffer.byteLength(letter)) });
const one = (event: object): AppendRequest => ({
  streams: [{ stream: 'order-1', expectedVersion: 'any', events: [{ ...placed, ...event } as NewEvent] }], // what a caller without types may send
});
const empty = (stream: StreamAppend['stream'], expectedVersion: ExpectedVersion = 'any'): StreamAppend => ({
  stream,
  expectedVersion,
  events: [],
});
const on = (...conditions: readonly ConsistencyCondition[]): AppendRequest => ({ streams: [], conditions });
const items = (count: number): ConsistencyCondition => ({ query: times(count, () => ({ types: ['Placed'] })), after: 0 });
const command = (commandId: string, fingerprint: string): AppendRequest => ({ streams: [], idempotency: { commandId, fingerprint } });

test('what is checked is as it will be stored', () => {
  const [ticket, other] = [{ stream: 'order-1' }, { stream: 'order-2' }] as const;
  const events = [
    { ...placed, id: idOf(1), schemaVersion: 3, data: { ä: 1 }, metadata: { actor: 'ann' }, tags: ['b', 'a', 'b'] },
    { ...placed, data: { n: 1, gone: undefined } },
  ];
  const conditions = [items(2)];
  const streams: AppendRequest['streams'] = [{ stream: 'order-1', expectedVersion: 2, events }, empty('order-2', 'exists')];
  expect(checkAppend({ streams, conditions, idempotency: { commandId: idOf(2), fingerprint: 'f' }, ticket, follows: [other] })).toEqual({
    streams: [
      {
        stream: 'order-1',
        expectedVersion: 2,
        events: [
          { id: idOf(1).toLowerCase(), type: 'Placed', schemaVersion: 3, data: '{"ä":1}', metadata: '{"actor":"ann"}', tags: ['b', 'a'] },
          { id: undefined, type: 'Placed', schemaVersion: 1, data: '{"n":1}', metadata: '{}', tags: [] },
        ],
      },
      { stream: 'order-2', expectedVersion: 'exists', events: [] },
    ],
    conditions,
    idempotency: { commandId: idOf(2).toLowerCase(), fingerprint: 'f' },
    ticket,
    follows: [other],
    eventCount: 2,
    characters: '{"ä":1}{"actor":"ann"}{"n":1}{}'.length,
  });
  expect(checkAppend({ streams: [] })).toEqual({ streams: [], conditions: [], follows: [], eventCount: 0, characters: 0 });
});

describe('as much as may be', () => {
  test.each<[string, AppendRequest]>([
    ['5,000 events', { streams: [0, 1].map((n) => ({ ...empty(`order-${n}`), events: times(2_500, () => placed) })) }],
    ['5,000 streams', { streams: times(5_000, (n) => empty(`order-${n}`)) }],
    ['1,000 items of conditions', on(items(400), items(600))],
    ['a mebibyte of data', one({ data: text(1_048_576) })],
    ['a mebibyte of data of two bytes a character', one({ data: text(1_048_576, 'ä') })],
    ['64 KiB of metadata', one({ metadata: text(65_536) })],
    ['a type of 200 characters', one({ type: 'A'.repeat(200) })],
    ['a tag of 250 characters', one({ tags: ['a'.repeat(250)] })],
    ['32 tags, some of them twice', one({ tags: times(64, (n) => `t${n % 32}`) })],
    ['schema version 2^31 - 1', one({ schemaVersion: 2_147_483_647 })],
    ['expected versions from 0 to 2^31 - 1', { streams: [empty('order-1', 0), empty('order-2', 2_147_483_647)] }],
    ['a condition after the last of all positions', on({ query: [], after: Number.MAX_SAFE_INTEGER })],
    ['a fingerprint of 64 characters', command(idOf(1), 'f'.repeat(64))],
  ])('is %s', (_, request) => {
    expect(() => checkAppend(request)).not.toThrow();
  });
});

describe('refused, with why', () => {
  const place = { stream: 'order-1', type: 'Placed' };
  test.each<[string, AppendRequest, string, object]>([
    [
      'events',
      { streams: [0, 1].map((n) => ({ ...empty(`order-${n}`), events: times(2_501, () => placed) })) },
      '5002 events in one append; at most 5000 are',
      {},
    ],
    ['streams', { streams: times(5_001, (n) => empty(`order-${n}`)) }, '5001 streams in one append; at most 5000 are', {}],
    ['a stream twice', { streams: times(3, (n) => empty(`order-${n % 2}`)) }, 'names order-0 twice', { stream: 'order-0' }],
    ['items of conditions', on(items(400), items(601)), '1001 items in the conditions of one append; at most 1000 are', {}],
    ['a condition after no position', on({ query: [], after: -1 }), 'position from 0, not -1', {}],
    ['a condition within a position', on({ query: [], after: 0.5 }), 'position from 0, not 0.5', {}],
    ['a condition on what no event has', on({ query: [{ tags: ['\0'] }], after: 0 }), 'A query names "\\u0000"', {}],
    ['bytes of data', one({ data: text(1_048_577) }), 'The data of a Placed has 1048577 bytes; at most 1048576 can', place],
    ['bytes of data, not characters', one({ data: text(1_048_578, 'ä') }), 'The data of a Placed has 1048578 bytes', place],
    ['bytes of metadata', one({ metadata: text(65_537) }), 'The metadata of a Placed has 65537 bytes; at most 65536 can', place],
    [
      'characters in all',
      { streams: [{ ...empty('order-1'), events: times(65, () => ({ ...placed, data: text(1_048_574) })) }] },
      '68157440 characters of JSON in one append; at most 67108864',
      {},
    ],
    ['data that is a text', one({ data: 'a' }), 'The data of a Placed must be an object', place],
    ['data that is null', one({ data: null }), 'The data of a Placed must be an object', place],
    ['metadata that is a list', one({ metadata: [] }), 'The metadata of a Placed must be an object', place],
    ['data that JSON lacks', one({ data: { n: Number.NaN } }), 'The data of a Placed cannot be stored as JSON: ', place],
    ['a type that is too long', one({ type: 'A'.repeat(201) }), 'must be 1 to 200 characters', { type: 'A'.repeat(201) }],
    ['a type with half a surrogate pair', one({ type: 'A\ud800' }), 'must be 1 to 200 characters', { stream: 'order-1' }],
    ['an id with more than a UUID', one({ id: `${idOf(1)}0` }), `"${idOf(1)}0" of a Placed is not a UUID`, place],
    ['an id after something else', one({ id: `0${idOf(1)}` }), 'of a Placed is not a UUID', place],
    ['a broken schema version', one({ schemaVersion: 1.5 }), 'from 1, not 1.5', place],
    ['a negative schema version', one({ schemaVersion: -1 }), 'from 1, not -1', place],
    ['tags', one({ tags: times(33, (n) => `t${n}`) }), '33 tags of an event (A Placed); at most 32 are', {}],
    ['a tag that is too long', one({ tags: ['a', 'b'.repeat(251)] }), 'A Placed has the tag "bbb', place],
    ['a tag that is empty', one({ tags: ['a', ''] }), 'A Placed has the tag ""', place],
    ['a tag that cannot be stored', one({ tags: ['a\0'] }), 'A Placed has the tag "a\0"', place],
    [
      'an expected version of half',
      { streams: [empty('order-1', 0.5)] },
      'expected version of order-1 must be an integer from 0, not 0.5',
      { stream: 'order-1' },
    ],
    [
      'two events of one id',
      { streams: [1, 2].map((n) => ({ ...empty(`order-${n}`), events: [{ ...placed, id: n === 1 ? idOf(1) : idOf(1).toLowerCase() }] })) },
      'Two events of the append have the same id',
      {},
    ],
    ['a command id with more than a UUID', command(`${idOf(1)}0`, 'f'), `The command id "${idOf(1)}0" is not`, {}],
    ['a fingerprint that is too long', command(idOf(1), 'f'.repeat(65)), 'fingerprint must be 1 to 64 characters', {}],
    ['a fingerprint with a space', command(idOf(1), 'f g'), 'fingerprint must be 1 to 64 characters', {}],
    ['no fingerprint', command(idOf(1), ''), 'fingerprint must be 1 to 64 characters', {}],
  ])('%s', (_, request, why, details) => {
    expect(() => checkAppend(request)).toThrow(
      expect.objectContaining({ code: 'EventInvalid', message: expect.stringContaining(why), details: expect.objectContaining(details) }),
    );
  });
});
