import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Answer } from '../gateway/answer.ts';
import { reportOf } from '../report/report.ts';
import { Tally } from '../report/tally.ts';
import type { Action } from '../shopper/actions.ts';
import { type Clock, Traffic, type TrafficOptions } from './traffic.ts';

const done: Answer = { outcome: 'done', data: {} };

/** A clock on which time passes only in sleep; what was asked to happen later happens on the way. */
class StandingClock implements Clock {
  #now = 0;
  readonly #later: { readonly at: number; readonly happen: () => void }[] = [];

  readonly now = () => this.#now;

  readonly sleep = async (ms: number) => {
    const until = this.#now + ms;
    this.#later.sort((a, b) => a.at - b.at);
    for (let next = this.#later[0]; next !== undefined && next.at <= until; next = this.#later[0]) {
      this.#later.shift();
      this.#now = Math.max(this.#now, next.at);
      next.happen();
      await new Promise(setImmediate);
    }
    this.#now = until;
    await new Promise(setImmediate);
  };

  at(at: number): Promise<void> {
    return new Promise((happen) => {
      if (at <= this.#now) happen();
      else this.#later.push({ at, happen });
    });
  }
}

async function run(perform: (action: Action, clock: StandingClock) => Promise<Answer>, options: Partial<TrafficOptions> = {}) {
  const { durationMs = 2_000 } = options;
  const [clock, tally] = [new StandingClock(), new Tally()];
  const world = {
    catalogue: { products: [{ id: 'kettle', name: 'Kettle' }], categories: ['tea'] },
    wantedProduct: () => 0,
    declineShare: 0,
  };
  const traffic = new Traffic({
    rate: 100,
    durationMs,
    seed: 1,
    concurrency: 1_000,
    shoppers: 20,
    tally,
    clock,
    world: { ...world, newId: randomUUID },
    perform: (action) => perform(action, clock),
    ...options,
  });
  let sentForMs: number | undefined;
  const ended = traffic.run(new AbortController().signal).then((ms) => {
    sentForMs = ms;
  });
  // nobody sleeps any more once all is sent, but some of it is still to be answered
  while (sentForMs === undefined) await (clock.now() < durationMs ? new Promise(setImmediate) : clock.sleep(10));
  await ended;
  return reportOf(tally, { seed: 1, rate: 100, sentForMs, maxErrorShare: 0.01 });
}

const slowest = ({ kinds }: ReturnType<typeof reportOf>) => Math.max(...kinds.map(({ max }) => max));

describe('traffic', () => {
  test('comes at the rate asked for', async () => {
    const { requests, ok } = await run(async () => done);
    expect(ok).toBe(true);
    expect(requests).toBeGreaterThan(160);
    expect(requests).toBeLessThan(240);
  });

  test('keeps coming while nothing is answered, and the wait is measured', async () => {
    const calm = await run(async () => done);
    const stalled = await run(async (_, clock) => clock.at(1_000).then(() => done));
    expect(stalled.requests).toBe(calm.requests);
    expect(slowest(stalled)).toBeGreaterThan(900);
  });

  test('counts the wait for a free slot too', async () => {
    const narrow = await run(async (_, clock) => clock.at(clock.now() + 20).then(() => done), { concurrency: 1 });
    expect(slowest(narrow)).toBeGreaterThan(500);
  });

  test('never has more under way than allowed', async () => {
    let [underWay, most] = [0, 0];
    await run(
      async (_, clock) => {
        underWay += 1;
        most = Math.max(most, underWay);
        await clock.at(clock.now() + 200);
        underWay -= 1;
        return done;
      },
      { concurrency: 7 },
    );
    expect(most).toBe(7);
  });

  test('counts what could not be sent in time as an error', async () => {
    const { errors, ok } = await run(async (_, clock) => clock.at(clock.now() + 500).then(() => done), {
      concurrency: 1,
      durationMs: 1_000,
    });
    expect(errors.NotSent).toBeGreaterThan(50);
    expect(ok).toBe(false);
  });

  test('tells orders that were acknowledged from those without an answer', async () => {
    let orders = 0;
    const { orders: told } = await run(async ({ kind }) => {
      if (kind !== 'order') return done;
      orders += 1;
      return orders % 2 === 0 ? { outcome: 'failed', code: 'NoAnswer' } : done;
    });
    expect(told.acknowledged.length + told.unanswered.length).toBe(orders);
    expect(told.unanswered.length).toBe(Math.floor(orders / 2));
  });

  test('lets a shopper who is answered with an error leave', async () => {
    const kinds = new Set<string>();
    await run(async ({ kind }) => {
      kinds.add(kind);
      return kind === 'order' ? { outcome: 'failed', code: 'NoAnswer' } : done;
    });
    expect([kinds.has('order'), kinds.has('cancel'), kinds.has('follow')]).toEqual([true, false, false]);
  });

  test('does not fail because of rejections', async () => {
    const { ok, errorShare, rejections } = await run(async () => ({ outcome: 'rejected', code: 'EmailTaken' }));
    expect([ok, errorShare]).toEqual([true, 0]);
    expect(rejections.EmailTaken).toBeGreaterThan(100);
  });
});
