import {
  type ActiveBuild,
  type EventStore,
  KirokuError,
  type Projection,
  type ReadModelAdvance,
  type ReadModelNews,
  type ReadModelStore,
} from '@kiroku/core';
import { pause } from '../backoff/pause.ts';
import { NewsBuffer } from './news-buffer.ts';

export interface CheckpointWatchOptions {
  readonly readModels: ReadModelStore;
  readonly projections: readonly Projection[];
  /** With it, a position beyond the log's end is refused after `lookMs` instead of waited for: it will not come in time. */
  readonly eventStore?: Pick<EventStore, 'head'>;
  /** Default 250: what is only behind is there by then. */
  readonly lookMs?: number;
  /** Milliseconds between readings of the checkpoints, should an advance go untold. Default 500. */
  readonly pollMs?: number;
  /** News kept for a consumer of `changes` that falls behind. Default 1,000. */
  readonly maxBuffered?: number;
}

export interface WaitOptions {
  /** Default 5,000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

interface Waiter {
  readonly names: readonly string[];
  readonly position: number;
  readonly resolve: () => void;
}

/** What is known of the build that queries read. */
interface WatchedBuild {
  readonly build: number;
  /** By partition: how far it is, whether that was heard or looked up. */
  readonly positions: number[];
  /** By partition: how far its advances were heard, and told. */
  readonly told: number[];
  /** Builds that are followed, but not read. */
  readonly others: Set<number>;
}

/** Knows how far each projection is, in whichever process it runs, and lets queries wait for a position. */
export class CheckpointWatch implements AsyncDisposable {
  readonly #readModels: ReadModelStore;
  readonly #projections: ReadonlyMap<string, Projection>;
  readonly #eventStore: Pick<EventStore, 'head'> | undefined;
  readonly #lookMs: number;
  readonly #pollMs: number;
  readonly #maxBuffered: number;
  readonly #watched = new Map<string, WatchedBuild>();
  readonly #waiters = new Set<Waiter>();
  readonly #buffers = new Set<NewsBuffer>();
  /** Projections of which advances may have gone by before anybody listened. */
  readonly #unheard = new Set<string>();
  #isListening = false;
  #stopping = new AbortController();
  #running: Promise<unknown> | undefined;

  constructor(options: CheckpointWatchOptions) {
    const { readModels, projections, eventStore, lookMs = 250, pollMs = 500, maxBuffered = 1_000 } = options;
    this.#eventStore = eventStore;
    this.#lookMs = lookMs;
    this.#readModels = readModels;
    this.#projections = new Map(projections.map((projection) => [projection.name, projection]));
    this.#pollMs = pollMs;
    this.#maxBuffered = maxBuffered;
  }

  start(): void {
    if (this.#running !== undefined) return;
    this.#stopping = new AbortController();
    const { signal } = this.#stopping;
    this.#running = Promise.all([this.#listen(signal), this.#poll(signal)]);
  }

  /** Ends `changes`; whoever waits for a position goes on waiting until the timeout. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const buffer of this.#buffers) buffer.close();
    this.#buffers.clear();
    await this.#running;
    this.#running = undefined;
  }

  /** How far the build that is read is, its slowest partition, as far as is known here. */
  position(projection: Pick<Projection, 'name'>): number {
    const positions = this.#watched.get(projection.name)?.positions ?? [];
    return positions.length === 0 ? 0 : Math.min(...positions);
  }

  /**
   * Resolves when all of the projections are at or past `position`. Throws `NotCaughtUp` after the timeout, `BadRequest` for a position
   * that is not in the log, and the signal's reason.
   */
  async waitFor(projections: readonly Pick<Projection, 'name'>[], position: number, options: WaitOptions = {}): Promise<void> {
    const names = projections.map(({ name }) => this.#known(name));
    if (this.#reached(names, position)) return;
    const { timeoutMs = 5_000, signal } = options;
    signal?.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        clearTimeout(look);
        signal?.removeEventListener('abort', cancel);
        this.#waiters.delete(waiter);
        settle();
      };
      const waiter: Waiter = { names, position, resolve: () => finish(resolve) };
      const cancel = (): void => finish(() => reject(signal?.reason));
      const timer = setTimeout(() => finish(() => reject(this.#notCaughtUp(names, position, timeoutMs))), timeoutMs);
      const look = setTimeout(() => void this.#refuseBeyondLog(position, (error) => finish(() => reject(error))), this.#lookMs);
      signal?.addEventListener('abort', cancel, { once: true });
      this.#waiters.add(waiter);
    });
  }

  /** How the builds that are read are, and what happens to them from now on. A consumer that falls behind is told again how they are. */
  changes(signal: AbortSignal): AsyncIterable<ReadModelNews> {
    const buffer = new NewsBuffer(this.#maxBuffered, () => this.#readings());
    if (signal.aborted || this.#stopping.signal.aborted) buffer.close();
    else this.#buffers.add(buffer);
    signal.addEventListener('abort', () => this.#release(buffer), { once: true });
    return buffer;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #release(buffer: NewsBuffer): void {
    buffer.close();
    this.#buffers.delete(buffer);
  }

  async #listen(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const advances = this.#readModels.advances(signal, (isListening) => this.#listens(isListening));
        for await (const advance of advances) this.#advance(advance);
      } catch {
        // the poll carries on meanwhile; the store says for itself that it is unreachable
      }
      await pause(this.#pollMs, signal);
    }
  }

  #listens(isListening: boolean): void {
    this.#isListening = isListening;
    if (!isListening) return;
    // what came before was not heard
    for (const name of this.#projections.keys()) this.#unheard.add(name);
    void this.#readAll();
  }

  async #poll(signal: AbortSignal): Promise<void> {
    const recentMs = Math.max(3 * this.#pollMs, 1_000);
    for (let [before, asked] = [Number.NEGATIVE_INFINITY, performance.now()]; !signal.aborted; asked = performance.now()) {
      const isRead = await this.#readAll();
      // what had been committed at the look before has been told: long ago, if the process stood still since
      const isRecent = performance.now() - before <= recentMs;
      if (isRead && isRecent && this.#isListening && this.#unheard.size === 0) this.#tell({ kind: 'current' });
      before = isRead ? asked : Number.NEGATIVE_INFINITY;
      await pause(this.#pollMs, signal);
    }
  }

  /** Says whether all could be read. */
  async #readAll(): Promise<boolean> {
    const read = await Promise.all([...this.#projections.values()].map((projection) => this.#read(projection)));
    return read.every(Boolean);
  }

  async #read(projection: Projection): Promise<boolean> {
    const { name } = projection;
    const before = this.#watched.get(name);
    const known = [...(before?.positions ?? [])];
    try {
      const active = await this.#readModels.active(projection);
      if (this.#stopping.signal.aborted) return false;
      if (active !== undefined) this.#found(projection, active, before && { watched: before, positions: known });
      return active !== undefined;
    } catch {
      return false; // the next poll tries again; waiters time out with NotCaughtUp
    }
  }

  /** `before` is what was known when it was asked for. */
  #found(
    projection: Projection,
    active: ActiveBuild,
    before: { readonly watched: WatchedBuild; readonly positions: readonly number[] } | undefined,
  ): void {
    const { build, partitions } = active;
    const found = partitions.map(({ position }) => position);
    const watched = this.#watched.get(projection.name);
    if (watched === undefined || watched.build !== build) {
      if (watched === before?.watched) this.#become(projection, { build, positions: found, others: watched?.others ?? new Set() });
      return; // otherwise it has become another one meanwhile
    }
    // below what was known before it was asked for: a crash took the last batches back, and they will be folded again
    const isTakenBack = watched === before?.watched && found.some((position, partition) => position < (before.positions[partition] ?? 0));
    // what an earlier look has found should have been heard by now
    const isUnheard = watched.positions.some((position, partition) => position > (watched.told[partition] ?? 0));
    if (isTakenBack || isUnheard || this.#unheard.has(projection.name)) {
      this.#become(projection, { build, positions: isTakenBack ? found : later(found, watched.positions), others: watched.others });
      return;
    }
    // waiters need not wait until it is heard; who is told which rows changed does
    for (const [partition, position] of found.entries())
      watched.positions[partition] = Math.max(position, watched.positions[partition] ?? 0);
    this.#resolveWaiters();
  }

  /** What its rows were until now is not known to anybody. */
  #become(projection: Projection, { build, positions, others }: Pick<WatchedBuild, 'build' | 'positions' | 'others'>): void {
    others.delete(build);
    const watched = { build, positions, told: [...positions], others };
    this.#watched.set(projection.name, watched);
    this.#unheard.delete(projection.name);
    this.#tell(readingOf(projection, watched));
  }

  #advance(advance: ReadModelAdvance): void {
    const projection = this.#projections.get(advance.projection);
    if (projection?.version !== advance.version) return;
    const watched = this.#watched.get(projection.name);
    if (watched === undefined || advance.build !== watched.build) {
      if (watched?.others.has(advance.build) === true && advance.isRead !== true) return;
      watched?.others.add(advance.build);
      void this.#read(projection); // a build that was not heard of before may be the one that is read now
      return;
    }
    const { partition, position } = advance;
    if (advance.isRead === true || position < (watched.told[partition] ?? 0)) return;
    watched.told[partition] = position;
    watched.positions[partition] = Math.max(position, watched.positions[partition] ?? 0);
    this.#tell({ kind: 'advance', ...advance }); // the same position again may tell of an operator's changes
  }

  #tell(news: ReadModelNews): void {
    this.#resolveWaiters();
    for (const buffer of this.#buffers) {
      if (buffer.closed) this.#buffers.delete(buffer);
      else buffer.push(news);
    }
  }

  #readings(): readonly ReadModelNews[] {
    return [...this.#projections.values()].flatMap((projection) => {
      const watched = this.#watched.get(projection.name);
      return watched === undefined ? [] : [readingOf(projection, watched)];
    });
  }

  #resolveWaiters(): void {
    for (const waiter of this.#waiters) if (this.#reached(waiter.names, waiter.position)) waiter.resolve();
  }

  #reached(names: readonly string[], position: number): boolean {
    return names.every((name) => this.position({ name }) >= position);
  }

  #known(name: string): string {
    if (this.#projections.has(name)) return name;
    throw new KirokuError(
      'DefinitionInvalid',
      `The projection "${name}" is not watched, so nobody can wait for it. Add it to the watched projections.`,
    );
  }

  async #refuseBeyondLog(position: number, refuse: (error: KirokuError) => void): Promise<void> {
    const head = await this.#eventStore?.head().catch(() => undefined); // unreachable: the wait goes on
    if (head === undefined || position <= head.position) return;
    const message = `is beyond the end of the log (${head.position})`;
    refuse(
      new KirokuError('BadRequest', `Position ${position} ${message}. Ask for a position that a command has returned.`, {
        details: { issues: [{ path: 'atLeast', message }] },
      }),
    );
  }

  #notCaughtUp(names: readonly string[], position: number, timeoutMs: number): KirokuError {
    const behind = names.filter((name) => !this.#reached([name], position)).map((name) => `${name} is at ${this.position({ name })}`);
    return new KirokuError(
      'NotCaughtUp',
      `Position ${position} was not reached within ${timeoutMs} ms: ${behind.join(', ')}. Ask again, or ask without a position for what is there now.`,
      { details: { position, timeoutMs } },
    );
  }
}

function readingOf({ name, version }: Projection, { build, told }: WatchedBuild): ReadModelNews {
  return { kind: 'reading', projection: name, version, build, positions: [...told] };
}

function later(one: readonly number[], other: readonly number[]): number[] {
  return one.map((position, partition) => Math.max(position, other[partition] ?? 0));
}
