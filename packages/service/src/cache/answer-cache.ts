import type { CacheStats, Dependency, Projection } from '@kiroku/core';
import { LRUCache } from 'lru-cache';
import type { ReadModelChanges } from './read-model-changes.ts';

export interface AnswerCacheOptions {
  readonly changes: ReadModelChanges;
  /** Bytes that answers may take, about; 0 keeps none. */
  readonly maxBytes: number;
  /** Milliseconds from its reading after which an answer is read again whether it is known to have changed or not, to a second. Default 60,000. */
  readonly maxAgeMs?: number;
  /** Told whether an answer that was asked for was there. */
  readonly onLookup?: (found: boolean) => void;
}

/** What is asked, and of which read models. */
export interface AskedAnswer {
  /** The same for what has the same answer: see `answerKey`. */
  readonly key: string;
  readonly reads: readonly Pick<Projection, 'name'>[];
  /** The position of the log that must be in the answer. Default: any. */
  readonly atLeast?: number | undefined;
}

/** An answer, and what is known to be in it. */
export interface PositionedAnswer<V> {
  /** Everything up to this position of the log is in it. */
  readonly position: number;
  /** Is given to everybody who asks: nobody may change it. */
  readonly value: V;
}

/** An answer as it was read, with what it depends on. */
export interface ReadAnswer<V> extends PositionedAnswer<V> {
  /** Not known: it is not kept. */
  readonly dependencies: readonly Dependency[] | undefined;
  /** What it takes in memory, about. */
  readonly bytes: number;
}

/** Gives answers that it keeps. */
export interface AnswerKeeper {
  /** The answer that is kept, if it contains `atLeast` and nothing of it has changed; otherwise what `read` reads, which is kept. */
  answer<V>(asked: AskedAnswer, read: () => Promise<ReadAnswer<V>>): Promise<PositionedAnswer<V>>;
}

/** Keys begin with the name of the query, so that its answers can be cleared. */
export function answerKey(query: string, params: unknown): string {
  return `${query} ${JSON.stringify(params)}`;
}

interface KeptAnswer extends ReadAnswer<unknown> {
  readonly dependencies: readonly Dependency[];
  /** When it was read: as a moment of the changes, and in milliseconds. */
  readonly since: number;
  readonly at: number;
}

/** Answers that have not changed since they were read. Each is stamped with the moment it was read at; what is heard of later says whether it still holds. */
export class AnswerCache implements AnswerKeeper {
  readonly #changes: ReadModelChanges;
  readonly #maxBytes: number;
  readonly #onLookup: AnswerCacheOptions['onLookup'];
  readonly #answers: LRUCache<string, KeptAnswer> | undefined;
  #counted = countedFromNow();
  /** How often it was cleared. */
  #clearings = 0;

  constructor({ changes, maxBytes, maxAgeMs = 60_000, onLookup }: AnswerCacheOptions) {
    this.#changes = changes;
    this.#maxBytes = maxBytes;
    this.#onLookup = onLookup;
    if (maxBytes > 0)
      this.#answers = new LRUCache({
        maxSize: maxBytes,
        sizeCalculation: (kept, key) => bytesOf(kept, key),
        ttl: maxAgeMs,
        ttlAutopurge: true,
        ttlResolution: 1_000, // a look at the clock is a timer of its own
        perf: { now: () => performance.now() }, // which a test may replace
      });
  }

  /** As `AnswerKeeper` says. A key always stands for answers of the same type. */
  async answer<V>(asked: AskedAnswer, read: () => Promise<ReadAnswer<V>>): Promise<PositionedAnswer<V>> {
    const found = this.#find(asked);
    this.#onLookup?.(isThere(found));
    if (isThere(found)) {
      this.#counted.hits++;
      return found as PositionedAnswer<V>; // the key stands for those
    }
    this.#counted.misses++;
    if (found === 'outdated') this.#counted.outdated++;
    return await this.#read(asked, read);
  }

  /** `answer` for somebody who only wants it to be kept: it is not counted. */
  async warm<V>(asked: AskedAnswer, read: () => Promise<ReadAnswer<V>>): Promise<PositionedAnswer<V>> {
    const found = this.#find(asked);
    return isThere(found) ? (found as PositionedAnswer<V>) : await this.#read(asked, read); // the key stands for those
  }

  /** Would be answered from what is kept. */
  keeps(asked: AskedAnswer): boolean {
    return isThere(this.#find(asked));
  }

  /** Everything is read again, or only answers to one query. Says how many were kept; after everything, counting begins anew. */
  clear(query?: string): number {
    this.#clearings++;
    const answers = this.#answers;
    if (query === undefined) {
      const { size = 0 } = answers ?? {};
      answers?.clear();
      this.#counted = countedFromNow();
      return size;
    }
    const keys = [...(answers?.keys() ?? [])].filter((key) => key.startsWith(`${query} `));
    for (const key of keys) answers?.delete(key);
    return keys.length;
  }

  get stats(): CacheStats {
    return {
      entries: this.#answers?.size ?? 0,
      bytes: this.#answers?.calculatedSize ?? 0,
      maxBytes: this.#maxBytes,
      ...this.#counted,
    };
  }

  async #read<V>(asked: AskedAnswer, read: () => Promise<ReadAnswer<V>>): Promise<PositionedAnswer<V>> {
    const kept = { since: this.#changes.moment, at: performance.now() };
    const clearings = this.#clearings;
    const reached = this.#changes.reached(asked.reads);
    const answer = await read();
    const { dependencies } = answer;
    // It must contain all that was heard. One may not: of a process that has heard less, of a build that is read no more, of what was taken back.
    const isKnown = reached !== undefined && answer.position >= reached.furthest && clearings === this.#clearings;
    if (isKnown && dependencies !== undefined) this.#keep(asked.key, { ...answer, ...kept, dependencies });
    return answer;
  }

  #keep(key: string, answer: KeptAnswer): void {
    const known = this.#answers?.peek(key);
    // what was read later may have come earlier: nobody shall see it go back
    if (known !== undefined && isLater(known, answer) && this.#changes.isUnchanged(known.dependencies, known.since)) return;
    this.#answers?.set(key, answer, { start: answer.at });
  }

  #find({ key, reads, atLeast = 0 }: AskedAnswer): Found {
    const kept = this.#answers?.get(key);
    if (kept === undefined) return undefined;
    const reached = this.#changes.reached(reads);
    if (reached === undefined) return undefined;
    if (!this.#changes.isUnchanged(kept.dependencies, kept.since)) return 'outdated';
    // what was read may contain more than has been heard of yet
    const position = Math.max(kept.position, reached.position);
    return position < atLeast ? undefined : { position, value: kept.value };
  }
}

type Found = PositionedAnswer<unknown> | 'outdated' | undefined;

function isThere(found: Found): found is PositionedAnswer<unknown> {
  return found !== undefined && found !== 'outdated';
}

function countedFromNow() {
  return { since: new Date().toISOString(), hits: 0, misses: 0, outdated: 0 };
}

/** At the same position one partition may be further: what was begun later is taken for later. */
function isLater(known: KeptAnswer, answer: KeptAnswer): boolean {
  return known.position > answer.position || (known.position === answer.position && known.at > answer.at);
}

const bytesOfKey = 60;

function bytesOf({ bytes, dependencies }: KeptAnswer, key: string): number {
  const keys = dependencies.reduce((sum, each) => sum + 1 + (each.keys?.length ?? 0), 0);
  return bytes + key.length + keys * bytesOfKey;
}
