import type { RecordedEvent, StreamName } from '@kiroku/core';
import { InMemoryEventStore } from '@kiroku/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { positionOf } from './position-of.ts';
import { stateAt } from './state-at.ts';

const aggregate = { initialState: [], evolve: (state: unknown, { data }: RecordedEvent) => [...(state as unknown[]), data.n] };

let store: InMemoryEventStore;
let minute: number;

/** Numbers 0, 1, 2 … one a minute, alternately in note-1 (positions 1, 3, 5) and note-2 (2, 4, 6). */
beforeEach(async () => {
  store = new InMemoryEventStore({ now: () => new Date(Date.UTC(2026, 10, 24, 10, minute)) });
  for (minute = 0; minute < 6; minute++) {
    const stream: StreamName = `note-${1 + (minute % 2)}`;
    await store.append({ streams: [{ stream, expectedVersion: 'any', events: [{ type: 'Noted', data: { n: minute } }] }] });
  }
});

describe('the state of a stream', () => {
  test.each([
    [undefined, [0, 2, 4], 3, 5],
    [{ version: 2 }, [0, 2], 2, 3],
    [{ version: 3 }, [0, 2, 4], 3, 5],
    [{ position: 1 }, [0], 1, 1],
    [{ position: 4 }, [0, 2], 2, 3],
  ])('until %o is folded from the events up to there', async (until, state, version, position) => {
    const shown = await stateAt({ eventStore: store, aggregate, stream: 'note-1', ...(until && { until }) });
    expect(shown).toMatchObject({ stream: 'note-1', state, version, position });
  });

  test.each([{ version: 4 }, { version: 0 }, { position: 1 }])('is not there until %o, and the bounds are named', async (until) => {
    const asked = stateAt({ eventStore: store, aggregate, stream: 'note-2', until });
    await expect(asked).rejects.toMatchObject({ code: 'BadRequest', message: expect.stringMatching(/versions 1 to 3|position 2/) });
  });

  test('that does not exist is not found', async () => {
    await expect(stateAt({ eventStore: store, aggregate, stream: 'note-3' })).rejects.toMatchObject({ code: 'NotFound' });
  });

  test('is folded to its end however long the stream is', async () => {
    const events = Array.from({ length: 2_000 }, (_, n) => ({ type: 'Noted', data: { n } }));
    await store.append({ streams: [{ stream: 'note-4', expectedVersion: 'any', events }] });
    expect(await stateAt({ eventStore: store, aggregate, stream: 'note-4' })).toMatchObject({ version: 2_000 });
  });
});

describe('the position of a moment', () => {
  test.each([
    [3, 3],
    ['2026-11-24T10:02:00Z', 3],
    ['2026-11-24T10:02:59.999999Z', 3],
    ['2026-11-25', 6],
  ])('%s is %i', async (when, position) => {
    expect(await positionOf(store, when, Date.UTC(2026, 10, 26))).toBe(position);
  });

  test('is refused while it has not come yet, and the time now is named', async () => {
    const now = Date.UTC(2026, 10, 24, 11);
    await expect(positionOf(store, '2026-11-24T12:00:00+01:00', now)).resolves.toBe(6);
    await expect(positionOf(store, '2026-11-24T11:00:00.000001Z', now)).rejects.toMatchObject({
      code: 'BadRequest',
      message: expect.stringContaining('2026-11-24T11:00:00.000Z now'),
    });
  });

  test('is that of an event by its own time, though the clock here is behind', async () => {
    expect(await positionOf(store, '2026-11-24T10:05:00Z', Date.UTC(2026, 10, 24, 9))).toBe(6);
  });

  test.each([
    [0, 'positions 1 to 6'],
    [7, 'positions 1 to 6'],
    [1.5, 'positions 1 to 6'],
    ['2026-11-24T09:59:59Z', 'recorded at 2026-11-24T10:00:00.000000Z'],
    ['soon', 'ISO 8601'],
  ])('is refused for %s, with the bounds', async (when, bounds) => {
    await expect(positionOf(store, when)).rejects.toMatchObject({ code: 'BadRequest', message: expect.stringContaining(bounds) });
  });

  test('is refused on an empty log', async () => {
    await expect(positionOf(new InMemoryEventStore(), '2026-11-24')).rejects.toMatchObject({
      message: expect.stringContaining('no events yet'),
    });
  });
});
