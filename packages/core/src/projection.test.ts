import { describe, expect, test } from 'vitest';
import { defineEvents } from './event-definition.ts';
import { defineProjection } from './projection.ts';
import type { Schema } from './schema.ts';

const anything: Schema<{ id: string }> = {
  '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as { id: string } }) },
}; // the tests fold nothing else
const events = defineEvents({ Opened: { schema: anything }, Closed: { schema: anything } });

const accounts = defineProjection({
  name: 'open-accounts',
  version: 2,
  events,
  tables: {
    account: {
      columns: { id: 'text key', note: 'text?' },
      indexes: [['note']],
      on: {
        Opened: { keys: (event) => ({ id: event.data.id }), fold: (_row, event) => ({ id: event.data.id, note: null }) },
        Closed: { keys: (event) => [{ id: event.data.id }], fold: () => undefined },
      },
    },
  },
});

describe('a projection', () => {
  test('knows its key columns and the event types it needs', () => {
    expect(accounts.tables.account?.key).toEqual(['id']);
    expect(accounts.eventTypes).toEqual(['Opened', 'Closed']);
  });

  test('leaves rows alone for events that it does not fold', () => {
    const event = {
      position: 1,
      stream: 'a-1',
      version: 1,
      id: 'x',
      type: 'Moved',
      schemaVersion: 1,
      data: {},
      metadata: {},
      tags: [],
      recordedAt: '',
    } as const;
    expect(accounts.tables.account?.keys(event)).toEqual([]);
    expect(accounts.tables.account?.fold({ id: '1', note: null }, event, { id: '1' })).toEqual({ id: '1', note: null });
  });

  test.each([
    [
      'a name that is no SQL name',
      () => defineProjection({ name: 'Open Accounts', version: 1, events, tables: {} }),
      /projection "Open Accounts"/,
    ],
    [
      'a table without a key',
      () => defineProjection({ name: 'x', version: 1, events, tables: { t: { columns: { id: 'text' }, on: {} } } }),
      /needs a key/,
    ],
    [
      'an index on a column that is not there',
      () =>
        defineProjection({
          name: 'x',
          version: 1,
          events,
          tables: { t: { columns: { id: 'text key' }, indexes: [['nope' as 'id']], on: {} } },
        }), // the mistake under test
      /no column "nope"/,
    ],
    [
      'lists by a column that is not there',
      () =>
        defineProjection({
          name: 'x',
          version: 1,
          events,
          tables: { t: { columns: { id: 'text key' }, listedBy: ['nope' as 'id'], on: {} } },
        }), // the mistake under test
      /x\.t has no column "nope": `listedBy` names/,
    ],
    [
      'lists by a time',
      () =>
        defineProjection({
          name: 'x',
          version: 1,
          events,
          tables: { t: { columns: { id: 'text key', at: 'timestamp?' }, listedBy: ['at'], on: {} } },
        }),
      /cannot be listed by "at", which is of type timestamp\?/,
    ],
    [
      'a column that is no SQL name',
      () => defineProjection({ name: 'x', version: 1, events, tables: { t: { columns: { 'a;b': 'text key' }, on: {} } } }),
      /column "a;b"/,
    ],
  ])('with %s is refused', (_what, define, message) => {
    expect(define).toThrowError(message);
  });
});
