import { setTimeout as delay } from 'node:timers/promises';
import { recordedAs } from '@kiroku/testing';
import { expect, vi } from 'vitest';
import type { Backoff } from '../backoff/backoff.ts';
import type { FollowerStatus } from './follower-status.ts';
import { type LogConsumer, LogFollower } from './log-follower.ts';
import type { LogSlice, SharedLog } from './shared-log.ts';

export const identity = { id: '0199f0a0-0000-7000-8000-000000000000', timeline: 1 };
export const quick: Backoff = { baseMs: 1, capMs: 1 };

/** A log that grows by slices, and what follows it. Slices of which the events are called `Other` do not concern it. */
export function following({ checkpoint = 0, head = checkpoint, farthest }: { checkpoint?: number; head?: number; farthest?: number } = {}) {
  const slices: LogSlice[] = [];
  const asked: boolean[] = [];
  const signals: AbortSignal[] = [];
  const faults: { prepare: unknown[]; head: unknown[]; apply: unknown[] } = { prepare: [], head: [], apply: [] };
  const failOnce = (what: keyof typeof faults): void => {
    const fault = faults[what].shift();
    if (fault !== undefined) throw fault;
  };
  const told: FollowerStatus[] = [];
  const applied: { readonly after: number; readonly position: number; readonly events: readonly number[] }[] = [];
  const at = { checkpoint, head };
  const endless = { value: false };
  let concerned = (): void => undefined;
  const consumer = {
    name: 'ledger',
    prepare: vi.fn(async () => failOnce('prepare')),
    checkpoint: async () => at.checkpoint,
    ...(farthest !== undefined && { farthest: () => farthest }),
    concerns: (slice) => {
      concerned();
      return slice.events.some(({ type }) => type !== 'Other');
    },
    apply: vi.fn(async ({ after, position, events }: LogSlice) => {
      failOnce('apply');
      applied.push({ after, position, events: events.map((event) => event.position) });
      at.checkpoint = position;
    }),
  } satisfies LogConsumer;
  const next = async (after: number, signal: AbortSignal): Promise<LogSlice | undefined> => {
    asked.push(signal.aborted);
    signals.push(signal);
    while (!signal.aborted) {
      if (endless.value) {
        await new Promise((resolve) => setImmediate(resolve));
        return { after, position: after + 1, events: [] };
      }
      const slice = slices.find((each) => each.after === after);
      if (slice !== undefined) return slice;
      await delay(1);
    }
    return undefined;
  };
  const options = {
    eventStore: {
      head: vi.fn(async () => {
        failOnce('head');
        return { log: identity, position: at.head };
      }),
    },
    log: { next } as unknown as SharedLog,
    retry: quick,
    onStatus: (status: FollowerStatus) => told.push(status),
  };
  const follower = new LogFollower(consumer, options);
  return {
    at,
    endless,
    asked,
    signals,
    applied,
    consumer,
    faults,
    follower,
    options,
    told,
    states: () => told.map(({ state }) => state),
    whenConcerned: (told: typeof concerned) => {
      concerned = told;
    },
    /** The next slice of the log, of one event. */
    grow(type = 'Happened'): void {
      const after = slices.at(-1)?.position ?? checkpoint;
      at.head = after + 1;
      slices.push({ after, position: after + 1, events: [recordedAs(after + 1, { type, data: {} })] });
    },
    [Symbol.asyncDispose]: () => follower.stop(),
  };
}

export const reaches = (given: { readonly follower: LogFollower }, position: number) =>
  expect.poll(async () => (await given.follower.progress()).position, { interval: 1 }).toBe(position);
