import { type ActiveBuild, type EventStore, KirokuError, type Projection, type ReadModelAdvance, type ReadModelStore } from '@kiroku/core';
import { pause } from '../backoff/pause.ts';
import { AdvanceBuffer } from './advance-buffer.ts';

export interface CheckpointWatchOptions {
  readonly readModels: ReadModelStore;
  readonly projections: readonly Projection[];
  /** With it, a position beyond the log's end is refused after `lookMs` instead of waited for: it will not come in time. */
  readonly eventStore?: Pick<EventStore, 'head'>;
  /** Default 250: what is only behind is there by then. */
  readonly lookMs?: number;
  /** Milliseconds between readings of the checkpoints, should an advance go untold. Default 500. */
  readonly pollMs?: number;
  /** Advances kept for a consumer of `changes` that falls behind. Default 1,000. */
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
  /** By partition. */
  readonly positions: number[];
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
  readonly #buffers = new Set<AdvanceBuffer>();
  #stopping = new AbortController();
  #running: Promise<unknown> | undefined;

  constructor({ readModels, projections, eventStore, lookMs = 250, pollMs = 500, maxBuffered = 1_000 }: CheckpointWatchOptions) {
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

  /** Advances from now on, of the builds that are read; a switch is told as an advance without rows. A consumer that falls behind gets some without `changed`. */
  changes(signal: AbortSignal): AsyncIterable<ReadModelAdvance> {
    const buffer = new AdvanceBuffer(this.#maxBuffered);
    if (signal.aborted || this.#stopping.signal.aborted) buffer.close();
    else this.#buffers.add(buffer);
    signal.addEventListener('abort', () => this.#release(buffer), { once: true });
    return buffer;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #release(buffer: AdvanceBuffer): void {
    buffer.close();
    this.#buffers.delete(buffer);
  }

  async #listen(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const advances = this.#readModels.advances(signal, () => void this.#readAll()); // what came before was not heard
        for await (const advance of advances) this.#advance(advance);
      } catch {
        // the poll carries on meanwhile; the store says for itself that it is unreachable
      }
      await pause(this.#pollMs, signal);
    }
  }

  async #poll(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#readAll();
      await pause(this.#pollMs, signal);
    }
  }

  async #readAll(): Promise<void> {
    await Promise.all([...this.#projections.values()].map((projection) => this.#read(projection)));
  }

  async #read(projection: Projection, heard?: ReadModelAdvance): Promise<void> {
    const { name, version } = projection;
    const before = this.#watched.get(name);
    const known = [...(before?.positions ?? [])];
    try {
      const active = await this.#readModels.active(projection);
      if (active === undefined || this.#stopping.signal.aborted) return;
      const { build, partitions } = active;
      const watched = this.#watched.get(name);
      if (watched === undefined || watched.build !== build) {
        this.#become(projection, active, heard);
        return;
      }
      for (const { partition, position } of partitions) {
        // below what was known before it was asked for: a crash took the last batches back, and they will be folded again
        if (watched === before && position < (known[partition] ?? 0)) watched.positions[partition] = position;
        if (position > (watched.positions[partition] ?? -1)) {
          watched.positions[partition] = position;
          this.#tell({ projection: name, version, build, partition, position, changed: undefined });
        }
      }
    } catch {
      // the next poll tries again; waiters time out with NotCaughtUp
    }
  }

  /** The build that is read is another one than was known; `heard` is the advance that told so. */
  #become({ name, version }: Projection, { build, partitions }: ActiveBuild, heard?: ReadModelAdvance): void {
    const isFirst = !this.#watched.has(name);
    const positions = partitions.map(({ position }) => position);
    this.#watched.set(name, { build, positions, others: new Set() });
    for (const { partition, position } of partitions) {
      const isHeard = isFirst && heard?.build === build && heard.partition === partition && heard.position === position;
      this.#tell(isHeard ? heard : { projection: name, version, build, partition, position, changed: undefined });
    }
  }

  #advance(advance: ReadModelAdvance): void {
    const projection = this.#projections.get(advance.projection);
    if (projection?.version !== advance.version) return;
    const watched = this.#watched.get(projection.name);
    if (watched === undefined || advance.build !== watched.build) {
      if (watched?.others.has(advance.build) === true) return;
      watched?.others.add(advance.build);
      void this.#read(projection, advance); // a build that was not heard of before may be the one that is read now
      return;
    }
    const { partition, position } = advance;
    const known = watched.positions[partition] ?? -1;
    if (position < known) return;
    watched.positions[partition] = position;
    this.#tell(advance); // the same position again may tell of an operator's changes; or it was read before it was heard, which harms nobody
  }

  #tell(advance: ReadModelAdvance): void {
    for (const waiter of this.#waiters) if (this.#reached(waiter.names, waiter.position)) waiter.resolve();
    for (const buffer of this.#buffers) {
      if (buffer.closed) this.#buffers.delete(buffer);
      else buffer.push(advance);
    }
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
