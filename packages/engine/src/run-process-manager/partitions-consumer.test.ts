import { KirokuError, type RecordedEvent } from '@kiroku/core';
import { counting, InMemoryProcessManagerStore, recordedAs } from '@kiroku/testing';
import { expect, test, vi } from 'vitest';
import { PartitionsConsumer } from './partitions-consumer.ts';

const log = { id: '0199f0a0-0000-7000-8000-000000000001', timeline: 1 };
const started = (position: number) =>
  recordedAs(position, { type: 'Started', data: { tally: String.fromCharCode(96 + position), upTo: 1, limit: 1 } });
const all = Array.from({ length: 16 }, (_, n) => started(n + 1)); // of instances in each partition
const slice = (after: number, position: number, events: readonly RecordedEvent[] = all.slice(after, position)) => ({
  after,
  position,
  events,
});

/** Partitions of which all but the first have seen so much of the log. */
async function taking({ partitions = 2, seen = 0 } = {}) {
  const store = new InMemoryProcessManagerStore({ partitions });
  await store.prepare('counting', log);
  const leases = await store.attend({ instance: 'one', processManagers: ['counting'], leaseMs: 60_000 });
  const far = leases.slice(1).map((lease) => ({ lease, after: 0 }));
  const react = () => ({ instances: [], commands: [] });
  if (seen > 0) await store.advance({ processManager: 'counting', partitions: far, position: seen, instances: [], react });
  const told: string[] = [];
  const consumer = new PartitionsConsumer({
    processManager: counting,
    store,
    leases,
    onLost: () => told.push('lost'),
    onFault: (faulty) => told.push(`at fault: ${faulty.join(',')}`),
    onAdvance: () => told.push('gone on'),
  });
  await consumer.checkpoint();
  const advance = vi.spyOn(store, 'advance');
  /** Partitions by transaction, with where each was. */
  const written = () => advance.mock.calls.map(([batch]) => batch.partitions.map(({ lease, after }) => `${lease.partition} from ${after}`));
  return { store, consumer, advance, told, written };
}

test('it is named by its partitions, is where the last of them is, and knows the first', async () => {
  const { consumer } = await taking({ seen: 5 });
  expect(consumer.name).toBe('counting/0,1');
  expect([await consumer.checkpoint(), consumer.farthest()]).toEqual([0, 5]);
});

test('what concerns no instance of its partitions does not concern it', async () => {
  const { consumer } = await taking();
  expect(consumer.concerns(slice(0, 1))).toBe(true);
  expect(consumer.concerns(slice(0, 16, [recordedAs(3, { type: 'Other', data: {} })]))).toBe(false);
});

test('all go along together from where they are; one that is beyond what is shown stays there', async () => {
  const { store, consumer, told, written } = await taking({ seen: 5 });
  await consumer.apply(slice(0, 3));
  await consumer.apply(slice(3, 5));
  await consumer.apply(slice(5, 16));
  expect(written()).toEqual([['0 from 0'], ['0 from 3'], ['0 from 5', '1 from 5']]);
  expect([await store.checkpoint('counting', 0), await store.checkpoint('counting', 1)]).toEqual([16, 16]);
  expect(told).toEqual(['gone on', 'gone on', 'gone on']);
});

test.each([
  ['CheckpointConflict', []],
  ['DatabaseUnavailable', []],
  ['LeaseLost', ['lost']],
] as const)('a fault of none of them (%s) is not looked for in each', async (code, said) => {
  const { consumer, advance, told } = await taking();
  advance.mockRejectedValueOnce(new KirokuError(code, 'no'));
  await expect(consumer.apply(slice(0, 16))).rejects.toMatchObject({ code });
  expect(advance).toHaveBeenCalledOnce();
  expect(told).toEqual(said);
});

test('one that is alone is not tried a second time', async () => {
  const { consumer, advance, told } = await taking({ partitions: 1 });
  advance.mockRejectedValue(new Error('a bug'));
  await expect(consumer.apply(slice(0, 16))).rejects.toThrow('a bug');
  expect(advance).toHaveBeenCalledOnce();
  expect(told).toEqual([]);
});

test('after another fault each is tried alone, and those at fault are told', async () => {
  const { store, consumer, advance, told, written } = await taking();
  advance.mockRejectedValueOnce(new Error('together')).mockRejectedValueOnce(new Error('a bug'));
  await expect(consumer.apply(slice(0, 16))).rejects.toThrow('a bug');
  expect(written()).toEqual([['0 from 0', '1 from 0'], ['0 from 0'], ['1 from 0']]);
  expect(told).toEqual(['at fault: 0']);
  expect(await store.checkpoint('counting', 1)).toBe(16);
});

test('if each goes on alone, all have', async () => {
  const { consumer, advance, told } = await taking();
  advance.mockRejectedValueOnce(new Error('together'));
  await consumer.apply(slice(0, 16));
  expect(told).toEqual(['gone on']);
  expect([await consumer.checkpoint(), consumer.farthest()]).toEqual([16, 16]);
});
