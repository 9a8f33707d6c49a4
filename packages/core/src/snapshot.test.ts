import type { StandardSchemaV1 } from '@standard-schema/spec';
import { expect, test } from 'vitest';
import { defineAggregate } from './aggregate.ts';
import { defineEvents } from './event-definition.ts';
import { readAggregate } from './read.ts';

const schema: StandardSchemaV1<unknown, { readonly n: number }> = {
  '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as { n: number } }) }, // not validated here
};
const events = defineEvents({ Counted: { schema }, Cleared: { schema, version: 2, upcasters: { 1: (data) => data } } });
const snapshot = { every: 10, stateVersion: 3 };

interface Count {
  readonly total: number;
  readonly last?: string;
  readonly seen: readonly { readonly n: number | null }[];
}
const initialState: Count = { total: 0, seen: [] };
const evolve = { Counted: (state: Count) => state, Cleared: () => initialState };
const counter = { name: 'counter', events, initialState, evolve, snapshot };

test('an aggregate and a read of it keep their snapshots under the same key, which names the events they know', () => {
  const key = { aggregate: 'counter', stateVersion: 3, events: 'Cleared@2 Counted@1', every: 10, evolve };
  expect(defineAggregate({ ...counter, commands: {}, decide: {} }).snapshot).toEqual(key);
  expect(readAggregate(counter, '1').source).toMatchObject({ kind: 'stream', stream: 'counter-1', snapshot: key });
});

test('no snapshot is kept of what declares none', () => {
  const { snapshot: _, ...without } = counter;
  expect(defineAggregate({ ...without, commands: {}, decide: {} }).snapshot).toBeUndefined();
  expect(readAggregate(without, '1').source).not.toHaveProperty('snapshot');
});

test.each([0, -1, 1.5, Number.NaN])('every %d events, or state version %d, is a faulty definition', (wrong) => {
  expect(() => readAggregate({ ...counter, snapshot: { ...snapshot, every: wrong } }, '1')).toThrow(/snapshot.every of counter/);
  expect(() => readAggregate({ ...counter, snapshot: { ...snapshot, stateVersion: wrong } }, '1')).toThrow(/stateVersion of counter/);
});

test('a state that is not plain JSON cannot declare snapshots', () => {
  const base = { name: 'counter', events, commands: {}, decide: {} };
  const since = new Date(0);
  // @ts-expect-error a Date would be read back as text
  defineAggregate({ ...base, initialState: { since }, evolve: { Counted: () => ({ since }), Cleared: () => ({ since }) }, snapshot });
  const ids = new Set<string>();
  // @ts-expect-error a Set would be read back as {}
  defineAggregate({ ...base, initialState: ids, evolve: { Counted: () => ids, Cleared: () => ids }, snapshot });
});
