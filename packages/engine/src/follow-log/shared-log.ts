import type { EventStore, LogFilter, LogPage, RecordedEvent } from '@kiroku/core';
import { type Backoff, backoffMs } from '../backoff/backoff.ts';
import { pause } from '../backoff/pause.ts';

export interface SharedLogOptions {
  readonly eventStore: EventStore;
  /** Types of events that any of the readers wants; the others are passed over. Default: all. */
  readonly eventTypes?: readonly string[];
  /** Events of the log looked at for one page at its end. */
  readonly pageSize: number;
  readonly retry: Backoff;
}

/** Events after `after`, up to `position`. */
export interface LogSlice extends LogPage {
  readonly after: number;
}

// what comes faster is read, and passed on, together: each page costs every projection a transaction
const paceMs = 20;
const lagFactor = 5; // whoever is far behind reads larger pages: fewer transactions
const keptPages = 64;
const keptSlices = 16;

/**
 * One reading of the log for all who follow it in a process. At its end one subscription serves them all; whoever is behind reads pages with
 * common boundaries, so that several who are behind share them too.
 */
export class SharedLog {
  readonly #options: SharedLogOptions;
  /** The last pages of the subscription, oldest first, without a gap. */
  #recent: LogSlice[] = [];
  readonly #slices = new Map<string, Promise<LogSlice>>();
  readonly #waiters = new Set<{ resolve(): void; reject(error: unknown): void }>();
  #failure: unknown;
  #tail = 0;
  #stopping = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: SharedLogOptions) {
    this.#options = options;
  }

  get #filter(): LogFilter {
    const { eventTypes: types } = this.#options;
    return types === undefined ? {} : { types };
  }

  start(): void {
    if (this.#running !== undefined) return;
    this.#stopping = new AbortController();
    this.#running = this.#run(this.#stopping.signal);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake();
    await this.#running;
    this.#running = undefined;
  }

  /** What follows a position; waits for it at the end of the log. `undefined` once the signal fires. Throws what reading throws. */
  async next(after: number, signal: AbortSignal): Promise<LogSlice | undefined> {
    for (;;) {
      if (signal.aborted || this.#stopping.signal.aborted) return undefined;
      if (this.#failure !== undefined) throw this.#failure;
      const recent = this.#recentAfter(after);
      if (recent !== undefined) return recent;
      if (after < this.#tail) {
        const slice = await this.#readBehind(after);
        if (slice.position > after) return slice;
      }
      await this.#wait(signal);
    }
  }

  async #run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      try {
        await this.#begin();
        for await (const page of this.#subscribe(signal)) {
          failures = 0;
          const isFull = page.position - this.#tail >= this.#options.pageSize;
          this.#passOn(page);
          if (!isFull) await pause(paceMs, signal);
        }
      } catch (error) {
        failures++;
        this.#fail(error);
      }
      await pause(backoffMs(Math.max(1, failures), this.#options.retry), signal);
    }
  }

  #subscribe(signal: AbortSignal): AsyncIterable<LogPage> {
    const { eventStore, pageSize } = this.#options;
    return eventStore.subscribe({ after: this.#tail, filter: this.#filter, pageSize, signal });
  }

  /** Subscribes from the end that the log has now: what comes before is for those who are behind. */
  async #begin(): Promise<void> {
    const { position } = await this.#options.eventStore.head();
    if (position !== this.#tail) this.#recent = [];
    this.#tail = position;
    this.#failure = undefined;
    this.#wake();
  }

  #passOn({ events, position }: LogPage): void {
    this.#recent.push({ after: this.#tail, events, position });
    if (this.#recent.length > keptPages) this.#recent.shift();
    this.#tail = position;
    this.#wake();
  }

  #fail(error: unknown): void {
    this.#failure = error;
    for (const waiter of this.#waiters) waiter.reject(error);
    this.#waiters.clear();
  }

  #wake(): void {
    for (const waiter of this.#waiters) waiter.resolve();
    this.#waiters.clear();
  }

  #wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted || this.#stopping.signal.aborted) return resolve(); // since it was looked at: nobody would wake it
      const waiter = {
        resolve: () => {
          signal.removeEventListener('abort', leave);
          resolve();
        },
        reject: (error: unknown) => {
          signal.removeEventListener('abort', leave);
          reject(error);
        },
      };
      const leave = (): void => {
        this.#waiters.delete(waiter);
        resolve();
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#waiters.add(waiter);
    });
  }

  /** Several pages at once if several have come meanwhile. */
  #recentAfter(after: number): Promise<LogSlice> | undefined {
    const first = this.#recent.findIndex((page) => page.after <= after && after < page.position);
    if (first < 0) return undefined;
    const pages: LogSlice[] = [];
    let events = 0;
    for (const page of this.#recent.slice(first)) {
      if (pages.length > 0 && events + page.events.length > this.#options.pageSize) break;
      pages.push(page);
      events += page.events.length;
    }
    const position = pages.at(-1)?.position ?? after;
    return this.#slice(after, position, async () => ({ after, position, events: eventsAfter(after, pages) }));
  }

  /** Reads to the next common boundary, and has the page after that read meanwhile. */
  async #readBehind(after: number): Promise<LogSlice> {
    const size = this.#options.pageSize * lagFactor;
    const slice = await this.#read(after, size);
    if (slice.position < this.#tail) this.#read(slice.position, size).catch(() => undefined); // whoever asks for it gets the error
    return slice;
  }

  #read(after: number, size: number): Promise<LogSlice> {
    const { eventStore } = this.#options;
    const until = (Math.floor(after / size) + 1) * size;
    return this.#slice(after, until, async () => {
      const page = await eventStore.readLog({ after, until, filter: this.#filter, pageSize: Math.min(size, 10_000) });
      return { after, ...page };
    });
  }

  /** One object for all who ask for the same, also while it is being read. */
  #slice(after: number, until: number, make: () => Promise<LogSlice>): Promise<LogSlice> {
    const id = `${after}-${until}`;
    const known = this.#slices.get(id);
    if (known !== undefined) return known;
    const made = make().then((slice) => {
      if (slice.position < until) this.#slices.delete(id); // the log has grown since, or will
      return slice;
    });
    made.catch(() => this.#slices.delete(id));
    this.#slices.set(id, made);
    if (this.#slices.size > keptSlices) this.#slices.delete(this.#slices.keys().next().value ?? '');
    return made;
  }
}

function eventsAfter(after: number, pages: readonly LogSlice[]): readonly RecordedEvent[] {
  const [only] = pages;
  if (pages.length === 1 && only !== undefined && only.after === after) return only.events;
  return pages.flatMap(({ events }) => events.filter(({ position }) => position > after));
}
