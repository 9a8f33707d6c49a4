import { setTimeout as sleep } from 'node:timers/promises';
import { arrivals } from '../arrivals/arrivals.ts';
import type { Answer } from '../gateway/answer.ts';
import type { Session } from '../gateway/gateway.ts';
import type { Tally } from '../report/tally.ts';
import type { Action } from '../shopper/actions.ts';
import { planVisit, type World } from '../shopper/plan-visit.ts';
import { between, type Random, seededRandom } from '../shopper/random.ts';

export interface TrafficOptions {
  /** Requests a second, on average. */
  readonly rate: number;
  readonly durationMs: number;
  readonly seed: number;
  /** Most requests under way at once; what is due beyond that waits, and the wait counts. */
  readonly concurrency: number;
  /** How many visit the shop at a time. */
  readonly shoppers: number;
  readonly world: Omit<World, 'customers'>;
  readonly perform: (action: Action, session: Session) => Promise<Answer>;
  readonly tally: Tally;
  /** Default: that of the machine. */
  readonly clock?: Clock;
}

export interface Clock {
  /** Milliseconds. */
  readonly now: () => number;
  /** Returns when the time is over, or the signal fires. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

const machineClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
};

interface Visit {
  readonly actions: readonly Action[];
  readonly session: Session;
  next: number;
}

/** At most so many customers are remembered to come back. */
const regulars = 1_000;

/**
 * Sends requests when they are due, whether those before are answered or not, and measures from when they were due: a shop that stalls does
 * not slow down its own measurement (coordinated omission).
 */
export class Traffic {
  readonly #options: TrafficOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #due: number[] = [];
  readonly #thinking: Visit[] = [];
  readonly #hurrying: Visit[] = [];
  readonly #customers: string[] = [];
  readonly #underWay = new Set<Promise<void>>();
  #visits = 0;

  constructor(options: TrafficOptions) {
    this.#options = options;
    this.#clock = options.clock ?? machineClock;
    this.#random = seededRandom(options.seed);
  }

  /** Runs until the duration is over or the signal fires, then waits for the answers; returns how long requests were sent, milliseconds. */
  async run(signal: AbortSignal): Promise<number> {
    const { rate, durationMs, seed, tally } = this.#options;
    const { now, sleep: wait } = this.#clock;
    const start = now();
    for (const offset of arrivals(seededRandom(seed + 1), rate)) {
      const early = start + Math.min(offset, durationMs) - now();
      if (early > 0) await wait(early, signal);
      if (signal.aborted || offset > durationMs) break;
      this.#due.push(start + offset);
      this.#send();
    }
    const sentFor = now() - start;
    tally.addUnsent(this.#due.splice(0).length);
    await Promise.all(this.#underWay);
    return sentFor;
  }

  #send(): void {
    while (this.#underWay.size < this.#options.concurrency) {
      const due = this.#due.shift();
      if (due === undefined) return;
      const acting = this.#act(this.#nextVisit(), due).finally(() => {
        this.#underWay.delete(acting);
        this.#send();
      });
      this.#underWay.add(acting);
    }
  }

  #nextVisit(): Visit {
    const { shoppers } = this.#options;
    const present = this.#thinking.length + this.#hurrying.length + this.#underWay.size;
    const waiting = this.#hurrying.shift() ?? (present < shoppers ? undefined : this.#thinking.shift());
    return waiting ?? this.#comeIn();
  }

  /** The first ones are in the middle of looking around, so that orders come as often at the beginning as later. */
  #comeIn(): Visit {
    const { shoppers, world } = this.#options;
    const actions = planVisit(this.#random, { ...world, customers: this.#customers });
    const buys = actions.findIndex(({ kind }) => kind === 'register' || kind === 'order');
    this.#visits += 1;
    const next = this.#visits > shoppers ? 0 : between(this.#random, 0, buys === -1 ? actions.length - 1 : buys);
    return { actions, session: {}, next };
  }

  async #act(visit: Visit, due: number): Promise<void> {
    const action = visit.actions[visit.next];
    if (action === undefined) return;
    visit.next += 1;
    const answer = await this.#options.perform(action, visit.session);
    this.#options.tally.add(action, answer, this.#clock.now() - due);
    if (action.kind === 'register' && answer.outcome === 'done') this.#remember(action.customerId);
    this.#goOn(visit, answer);
  }

  /** Who is answered with an error, or has nothing left to do, leaves. */
  #goOn(visit: Visit, answer: Answer): void {
    const next = visit.actions[visit.next];
    if (next === undefined || answer.outcome === 'failed') return;
    const hurries = next.kind === 'cancel' && next.atOnce;
    (hurries ? this.#hurrying : this.#thinking).push(visit);
  }

  #remember(customerId: string): void {
    if (this.#customers.length === regulars) this.#customers.shift();
    this.#customers.push(customerId);
  }
}
