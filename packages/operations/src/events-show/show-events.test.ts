import type { EventStore, StreamName } from '@kiroku/core';
import { InMemoryEventStore } from '@kiroku/testing';
import { describe, expect, test } from 'vitest';
import { type EventLog, showEvents } from './show-events.ts';

const commandId = '0193a1b2-0000-7000-8000-000000000001';
const eventId = '0193a1b2-0000-7000-8000-000000000002';

/** Two events of a command in two streams, and one by itself. */
async function shopLog(): Promise<EventLog> {
  const store: EventStore = new InMemoryEventStore();
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  const metadata = { commandId, commandType: 'PlaceOrder', correlationId: 'req-7', causationId: commandId, traceparent };
  const append = (stream: StreamName, event: object) =>
    store.append({ streams: [{ stream, expectedVersion: 'any', events: [{ type: 'Happened', data: {}, ...event }] }] });
  await append('order-1', { id: eventId, metadata });
  await append('stock-1', { metadata });
  await append('note-1', {});
  const all = async () => (await store.readLog()).events;
  return {
    store,
    findEvent: async (id) => (await all()).find((event) => event.id === id)?.position,
    findCommand: async (id) => (id === commandId ? 2 : undefined),
    findSent: async () => [],
    findLast: async () => [],
    findLastIn: async () => [],
    findLastOfIn: async () => [],
    findCorrelated: async (id, limit) => (await all()).filter(({ metadata: of }) => of.correlationId === id).slice(0, limit),
  };
}

const positions = async (text: string) => {
  const shown = await showEvents(await shopLog(), text);
  return shown.kind === 'events' ? shown.events.map(({ position }) => position) : shown.kind;
};

test('a stream is shown a part at a time', async () => {
  const log = await shopLog();
  const events = Array.from({ length: 4 }, () => ({ type: 'Happened', data: {} }));
  await log.store.append({ streams: [{ stream: 'order-9', expectedVersion: 'any', events }] });
  const versions = async (fromVersion: number) => {
    const shown = await showEvents(log, 'order-9', { fromVersion, limit: 3 });
    return shown.kind === 'events' && [shown.events.map(({ version }) => version), shown.next];
  };
  expect(await versions(1)).toEqual([[1, 2, 3], 4]);
  expect(await versions(4)).toEqual([[4], undefined]);
});

describe('what a text names is shown', () => {
  test('as events: a position, an event id, a stream', async () => {
    expect(await positions('2')).toEqual([2]);
    expect(await positions(eventId.toUpperCase())).toEqual([1]);
    expect(await positions('order-1')).toEqual([1]);
  });

  test.each(['req-7', commandId])('as the tree of causes: %s', async (text) => {
    const led = [{ event: { position: 1 } }, { event: { position: 2 } }];
    expect(await showEvents(await shopLog(), text)).toMatchObject({
      kind: 'causes',
      correlationId: 'req-7',
      tree: [{ kind: 'command', type: 'PlaceOrder', led }],
      traces: ['a'.repeat(32)],
      cut: false,
    });
  });

  test.each(['1', eventId])('as the tree in which an event stands, if that is asked for: %s', async (text) => {
    expect(await showEvents(await shopLog(), text, { causes: true })).toMatchObject({ kind: 'causes', correlationId: 'req-7' });
  });

  test.each(['9', 'order-9', 'nothing', commandId.replace(/1$/, '9')])('or not, if there is none: %s', async (text) => {
    await expect(showEvents(await shopLog(), text)).rejects.toMatchObject({ code: 'NotFound' });
  });

  test('or not, if the event belongs to no others', async () => {
    await expect(showEvents(await shopLog(), '3', { causes: true })).rejects.toMatchObject({ code: 'NotFound' });
  });
});
