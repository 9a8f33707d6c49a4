import { InMemoryEventStore, ledger } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { projectionLag } from './projection-lag.ts';
import { readModelLag } from './read-model-lag.ts';

async function threeEvents() {
  const log = new InMemoryEventStore();
  const append = { stream: 'a-1' as const, expectedVersion: 'any' as const, events: [{ type: 'Happened', data: {} }] };
  for (let count = 0; count < 3; count++) await log.append({ streams: [append] });
  const { events } = await log.readLog();
  return { log, recordedAt: (position: number) => Date.parse(events[position - 1]?.recordedAt ?? '') };
}

test('what has applied everything is not behind', async () => {
  const { log } = await threeEvents();
  expect(await projectionLag(log, { head: 3, position: 3, now: Date.now() + 60_000 })).toEqual({ events: 0, seconds: 0 });
});

test('the lag in seconds is the age of the first event that was not applied', async () => {
  const { log, recordedAt } = await threeEvents();
  expect(await projectionLag(log, { head: 3, position: 1, now: recordedAt(2) + 7_000 })).toEqual({ events: 2, seconds: 7 });
});

test('a checkpoint that was read after the head is not ahead of it, and no event is from the future', async () => {
  const { log, recordedAt } = await threeEvents();
  expect(await projectionLag(log, { head: 2, position: 3, now: 0 })).toEqual({ events: 0, seconds: 0 });
  expect(await projectionLag(log, { head: 3, position: 2, now: recordedAt(3) - 50 })).toEqual({ events: 1, seconds: 0 });
});

test('a read model is where its slowest partition is', async () => {
  const { log, recordedAt } = await threeEvents();
  const partitions = [3, 1].map((position, partition) => ({ partition, position, movedAt: '', epoch: 1 }));
  const clock = async () => recordedAt(2) + 7_000;
  const told = await readModelLag(ledger, { log, readModels: { checkpoints: async () => partitions }, clock });
  expect(told).toEqual({ position: 1, partitions, events: 2, seconds: 7 });
});
