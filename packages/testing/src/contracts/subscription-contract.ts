import type { EventStore, LogPage, SubscribeOptions } from '@kiroku/core';
import { describe, expect, test } from 'vitest';
import { given } from './event-store-samples.ts';
import type { MakeEventStore } from './make-event-store.ts';

export function subscriptionContract(makeStore: MakeEventStore): void {
  describe('a subscription', () => {
    test('gives what stands in the log and what is appended later, in order', async () => {
      await using store = await makeStore();
      await given(store, 'order-1', 'A', 'B');
      const seen = collect(store, { pageSize: 2 }, 6);
      await given(store, 'order-2', 'C');
      await given(store, 'order-1', 'D', 'E', 'F');
      expect((await seen).flatMap(({ events }) => events.map(({ type }) => type))).toEqual(['A', 'B', 'C', 'D', 'E', 'F']);
    });

    test('starts after a position, and moves on over what its filter leaves out', async () => {
      await using store = await makeStore();
      await given(store, 'order-1', 'A', 'B', 'B', 'A');
      const pages = await collect(store, { after: 1, pageSize: 1, filter: { types: ['A'] } }, 4);
      expect(pages.map(({ position }) => position)).toEqual([2, 3, 4]);
      expect(pages.flatMap(({ events }) => events.map(({ position }) => position))).toEqual([4]);
    });

    test('wakes soon after an append', async () => {
      await using store = await makeStore();
      const delays: number[] = [];
      let appended = 0;
      const seen = collect(store, {}, 3, () => delays.push(performance.now() - appended));
      for (const type of ['A', 'B', 'C']) {
        await new Promise((resolve) => setTimeout(resolve, 100)); // it is waiting now
        appended = performance.now();
        await given(store, 'order-1', type);
      }
      await seen;
      expect(Math.min(...delays)).toBeLessThan(500); // well before a poll of once a second
    });

    test('ends at once when its signal fires while it waits', async () => {
      await using store = await makeStore();
      const delays: number[] = [];
      for (let tries = 0; tries < 3; tries++) {
        const controller = new AbortController();
        const ended = collect(store, { signal: controller.signal }, Number.POSITIVE_INFINITY);
        await new Promise((resolve) => setTimeout(resolve, 50));
        const aborted = performance.now();
        controller.abort();
        expect(await ended).toEqual([]);
        delays.push(performance.now() - aborted);
      }
      expect(Math.min(...delays)).toBeLessThan(500);
    });

    test('does not begin when its signal has fired before', async () => {
      await using store = await makeStore();
      await given(store, 'order-1', 'A');
      expect(await collect(store, { signal: AbortSignal.abort() }, 1)).toEqual([]);
    });

    test('fails with Stopping when the store stops', async () => {
      const store = await makeStore();
      const ended = collect(store, {}, 1).catch((error: unknown) => error);
      await new Promise((resolve) => setTimeout(resolve, 50));
      await store[Symbol.asyncDispose]();
      expect(await ended).toMatchObject({ code: 'Stopping' });
      await expect(store.append({ streams: [] })).rejects.toMatchObject({ code: 'Stopping' });
    });
  });
}

/** The pages of a subscription until it has reached a position. */
async function collect(store: EventStore, options: SubscribeOptions, until: number, onPage?: () => void): Promise<readonly LogPage[]> {
  const pages: LogPage[] = [];
  for await (const page of store.subscribe(options)) {
    pages.push(page);
    onPage?.();
    if (page.position >= until) break;
  }
  return pages;
}
