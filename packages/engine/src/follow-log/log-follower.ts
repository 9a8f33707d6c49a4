import { type EventStore, isKirokuError, KirokuError, type LogIdentity } from '@kiroku/core';
import { type Backoff, backoffMs } from '../backoff/backoff.ts';
import { pause } from '../backoff/pause.ts';
import type { FollowerProgress, FollowerState, FollowerStatus } from './follower-status.ts';
import { mayPass } from './may-pass.ts';
import type { LogSlice, SharedLog } from './shared-log.ts';

export interface FollowOptions {
  readonly eventStore: Pick<EventStore, 'head'>;
  readonly log: SharedLog;
  /** Waits between tries while it stalls. Default: up to 100 ms at first, up to 10 s later. */
  readonly retry?: Backoff;
  /** Told of every change of state, e.g. to log it. */
  readonly onStatus?: (status: FollowerStatus) => void;
}

/** What follows the log: keeps a checkpoint and applies batches, each in one transaction with the checkpoint. */
export interface LogConsumer {
  readonly name: string;
  prepare(log: LogIdentity): Promise<void>;
  checkpoint(): Promise<number>;
  /** The farthest of several checkpoints that it takes along, of which `checkpoint` has told the first. Default: there is one. */
  farthest?(): number;
  /** Whether a slice has anything for it. What has not is passed over: the checkpoint moves with the next that has, or after a moment. */
  concerns(slice: LogSlice): boolean;
  apply(slice: LogSlice): Promise<void>;
}

// a checkpoint that moves alone is a transaction that nobody waits for: after a crash so much of the log is looked at again
const passOverMs = 200;

/** Feeds a consumer with the log from its checkpoint on. Never skips: a batch that fails is tried until it works. */
export class LogFollower {
  readonly #consumer: LogConsumer;
  readonly #options: FollowOptions;
  #status: FollowerStatus;
  #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #failures = 0;

  constructor(consumer: LogConsumer, options: FollowOptions) {
    this.#consumer = consumer;
    this.#options = options;
    this.#status = { name: consumer.name, state: 'stopped', position: undefined, since: new Date().toISOString() };
  }

  /** Starts following. Throws faults that no retry mends, e.g. `DefinitionInvalid`; an unreachable database, or another log, only stalls it. */
  async start(): Promise<void> {
    if (this.#running !== undefined) return;
    this.#stopping = new AbortController();
    const { signal } = this.#stopping;
    const begun = this.#begin();
    this.#running = begun.then(
      (checkpoint) => this.#run(checkpoint, signal),
      () => undefined, // told by who starts it
    );
    await begun.catch((error: unknown) => {
      this.#running = undefined;
      throw error;
    });
  }

  /** Stops after the batch in hand. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    this.#running = undefined;
    if (this.#status.state !== 'stopped') this.#become('stopped');
  }

  async progress(): Promise<FollowerProgress> {
    const head = await this.#options.eventStore.head().catch(() => undefined);
    return { ...this.#status, lag: lagOf(head, this.#status.position) };
  }

  /** Where to go on from, if that is known yet. */
  async #begin(): Promise<number | undefined> {
    this.#failures = 0;
    try {
      const checkpoint = await this.#resume();
      this.#become('running');
      return checkpoint;
    } catch (error) {
      if (!mayPass(error)) throw error;
      this.#stall(error);
      return undefined;
    }
  }

  async #run(from: number | undefined, signal: AbortSignal): Promise<void> {
    let checkpoint = from;
    while (!signal.aborted) {
      try {
        await this.#follow(checkpoint ?? (await this.#resume()), signal);
      } catch (error) {
        if (!isKirokuError(error, 'CheckpointConflict')) this.#stall(error);
        // A conflict only means that another instance was faster: go on from where it is.
      }
      checkpoint = undefined;
      await pause(this.#waitMs(), signal);
    }
  }

  async #follow(checkpoint: number, signal: AbortSignal): Promise<void> {
    let [after, passed] = [checkpoint, checkpoint];
    let dueAt = Number.POSITIVE_INFINITY;
    for (;;) {
      const slice = await this.#next(passed, dueAt, signal);
      if (slice === undefined && passed === after) return;
      const position = slice?.position ?? passed;
      if (slice === undefined || this.#consumer.concerns(slice) || performance.now() >= dueAt) {
        await this.#consumer.apply({ events: slice?.events ?? [], after, position });
        [after, dueAt] = [position, Number.POSITIVE_INFINITY];
      } else dueAt = Math.min(dueAt, performance.now() + passOverMs);
      passed = position;
      this.#advanced(passed);
    }
  }

  /** What follows a position; `undefined` if nothing has come by then, or once the signal fires. */
  async #next(after: number, dueAt: number, signal: AbortSignal): Promise<LogSlice | undefined> {
    if (dueAt === Number.POSITIVE_INFINITY) return await this.#options.log.next(after, signal);
    const waiting = new AbortController();
    const end = (): void => waiting.abort();
    const timer = setTimeout(end, Math.max(0, dueAt - performance.now()));
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
    try {
      return await this.#options.log.next(after, waiting.signal);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
    }
  }

  /** Where to go on from. A checkpoint beyond the log's head was made with events that are gone. */
  async #resume(): Promise<number> {
    const { eventStore } = this.#options;
    const before = await eventStore.head();
    await this.#consumer.prepare(before.log);
    const checkpoint = await this.#consumer.checkpoint();
    const farthest = this.#consumer.farthest?.() ?? checkpoint;
    const head = farthest > before.position ? await eventStore.head() : before; // another instance may have moved both
    if (farthest > head.position) throw ahead(this.#consumer.name, farthest, head.position);
    if (checkpoint === head.position) this.#advanced(checkpoint);
    else this.#status = { ...this.#status, position: checkpoint };
    return checkpoint;
  }

  #waitMs(): number {
    const { retry = { baseMs: 100, capMs: 10_000 } } = this.#options;
    return this.#failures > 0 ? backoffMs(this.#failures, retry) : backoffMs(1, { baseMs: 20, capMs: 20 });
  }

  #stall(error: unknown): void {
    this.#failures++;
    this.#become('stalled', error instanceof Error ? error : new Error(String(error)));
  }

  #advanced(position: number): void {
    this.#failures = 0;
    this.#status = { ...this.#status, position };
    if (this.#status.state === 'stalled') this.#become('running');
  }

  #become(state: FollowerState, error?: Error): void {
    const { name, position } = this.#status;
    const since = state === this.#status.state ? this.#status.since : new Date().toISOString();
    this.#status = { name, state, position, since, ...(error && { error }) };
    this.#options.onStatus?.(this.#status);
  }
}

/** `undefined` if either end is not known. */
export function lagOf(head: { readonly position: number } | undefined, position: number | undefined): number | undefined {
  return head === undefined || position === undefined ? undefined : Math.max(0, head.position - position);
}

function ahead(name: string, checkpoint: number, head: number): KirokuError {
  return new KirokuError(
    'LogMismatch',
    `${name} is at position ${checkpoint}, but the log ends at ${head}: it was built with events that this log does not have. \`kiroku doctor\` says what can be done.`,
    { details: { checkpoint, head } },
  );
}
