import type { Projection } from '@kiroku/core';
import { foldOneByOne, InMemoryEventStore, InMemoryReadModelStore, ledger } from '@kiroku/testing';
import { expect } from 'vitest';
import { ProjectionWorker, type ProjectionWorkerOptions } from './projection-worker.ts';

const retry = { baseMs: 1, capMs: 2 };
export const leaseMs = 6; // attends every 2 ms
export const inParts = { ...ledger, partitions: 3 };

interface Stores {
  readonly eventStore: InMemoryEventStore;
  readonly readModels: InMemoryReadModelStore;
}

export function stores(): Stores {
  return { eventStore: new InMemoryEventStore(), readModels: new InMemoryReadModelStore() };
}

export async function working(
  options: Omit<ProjectionWorkerOptions, 'instance'> & { readonly instance?: string },
): Promise<ProjectionWorker> {
  const worker = new ProjectionWorker({ instance: 'one', retry, leaseMs, ...options });
  await worker.start();
  return worker;
}

export function deposit(account: string, amount = 1) {
  return { type: 'Deposited', data: { account, amount } };
}

type Moves = Parameters<typeof foldOneByOne>[1] extends readonly (infer E)[]
  ? readonly Pick<E, Extract<keyof E, 'type' | 'data'>>[]
  : never;

export async function appendAll(eventStore: InMemoryEventStore, moves: Moves): Promise<void> {
  for (const event of moves) await eventStore.append({ streams: [{ stream: 'ledger-1', expectedVersion: 'any', events: [event] }] });
}

export async function caughtUp({ readModels }: Stores, projection: Projection, position: number): Promise<void> {
  const reached = async () => ((await readModels.active(projection)) === undefined ? undefined : readModels.checkpoint(projection));
  await expect.poll(reached, { interval: 1, timeout: 15_000 }).toBe(position);
}

export async function rowsOf(readModels: InMemoryReadModelStore, projection: Projection): Promise<object> {
  const sorted = async (table: string) => inOrder(await readModels.rows(projection, table));
  return { account: await sorted('account'), day: await sorted('day') };
}

export async function foldedLog(eventStore: InMemoryEventStore): Promise<object> {
  const { events } = await eventStore.readLog();
  const folded = foldOneByOne(ledger, events);
  return { account: inOrder(folded.account ?? []), day: inOrder(folded.day ?? []) };
}

function inOrder(rows: readonly object[]): readonly object[] {
  return [...rows].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
