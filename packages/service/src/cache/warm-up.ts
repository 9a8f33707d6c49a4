import type { RequestContext } from '../http/request-context.ts';
import type { AnswerCache, AnswerKeeper, AskedAnswer, PositionedAnswer, ReadAnswer } from './answer-cache.ts';

/** How the answers about an entity are asked for. Says whether that was all there is, or there was more than may be asked. */
export type Warmup = (turn: WarmupTurn) => Promise<boolean>;

/** What asks for answers so that they are kept. */
export interface WarmupTurn {
  /** What is answered through it is kept. Throws once there is no more time. */
  readonly cache: AnswerKeeper;
  /** Rows of the entity that are asked about, at most. */
  readonly limit: number;
  readonly context: RequestContext;
  /** Asks about each, eight at a time. */
  readonly each: <T>(items: readonly T[], ask: (item: T) => Promise<unknown>) => Promise<void>;
}

export interface WarmUpOptions {
  /** Names of warm-ups, in their order. */
  readonly entities: readonly string[];
  readonly limit: number;
  readonly context: RequestContext;
  /** Fires when nobody waits for it any more. */
  readonly signal: AbortSignal;
  /** Milliseconds after which no more is asked. Default 60,000: by then, what came first is too old. */
  readonly withinMs?: number;
}

/** Answers about an entity. */
export interface WarmedEntity {
  readonly entity: string;
  /** How many were asked for. */
  readonly asked: number;
  /** How many of them are kept now. */
  readonly kept: number;
  /** `false`: there is more, which was not asked for, as there was no time or it was beyond the limit. */
  readonly all: boolean;
}

/** Asks for answers about each entity, one after the other, so that they are kept. A fault ends it. */
export async function warmUp(
  cache: AnswerCache,
  warmups: { readonly [entity: string]: Warmup },
  { entities, limit, context, signal, withinMs = 60_000 }: WarmUpOptions,
): Promise<readonly WarmedEntity[]> {
  const until = performance.now() + withinMs;
  const turns: { readonly entity: string; readonly all: boolean; readonly warming: Warming }[] = [];
  for (const entity of entities) {
    const warming = new Warming(cache, { until, signal });
    turns.push({ entity, warming, all: await inTime(warmups[entity]?.({ cache: warming, limit, context, each: aFewAtATime })) });
  }
  return turns.map(({ entity, all, warming }) => ({ entity, ...warming.counts, all })); // only now: what came last may have pushed out what came first
}

class OutOfTime extends Error {
  override readonly name = 'OutOfTime';
}

async function inTime(warmup: Promise<boolean> | undefined): Promise<boolean> {
  try {
    return (await warmup) ?? true;
  } catch (error) {
    if (error instanceof OutOfTime) return false;
    throw error;
  }
}

/** A cache as a warm-up asks it: its lookups are not counted as any, and it is known afterwards how many answers are kept. */
class Warming implements AnswerKeeper {
  readonly #cache: AnswerCache;
  readonly #until: number;
  readonly #signal: AbortSignal;
  readonly #asked = new Map<string, AskedAnswer>();

  constructor(cache: AnswerCache, { until, signal }: { readonly until: number; readonly signal: AbortSignal }) {
    this.#cache = cache;
    this.#until = until;
    this.#signal = signal;
  }

  async answer<V>(asked: AskedAnswer, read: () => Promise<ReadAnswer<V>>): Promise<PositionedAnswer<V>> {
    this.#signal.throwIfAborted();
    if (performance.now() > this.#until) throw new OutOfTime();
    this.#asked.set(asked.key, asked);
    return await this.#cache.warm(asked, read);
  }

  get counts(): { readonly asked: number; readonly kept: number } {
    const asked = [...this.#asked.values()];
    return { asked: asked.length, kept: asked.filter((each) => this.#cache.keeps(each)).length };
  }
}

const atATime = 8;

async function aFewAtATime<T>(items: readonly T[], ask: (item: T) => Promise<unknown>): Promise<void> {
  const rest = items.values();
  let failed = false;
  const work = async (): Promise<void> => {
    for (const item of rest) {
      if (failed) return;
      await ask(item).catch((error: unknown) => {
        failed = true; // the others end as well
        throw error;
      });
    }
  };
  await Promise.all(Array.from({ length: atATime }, work));
}
