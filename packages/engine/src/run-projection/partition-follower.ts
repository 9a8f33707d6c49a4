import {
  type EventStore,
  isKirokuError,
  KirokuError,
  type LogIdentity,
  type ParkedEvent,
  type PartitionLease,
  type Projection,
  type ReadModelStore,
  type RecordedEvent,
  rowKeyText,
  type SqlRunner,
} from '@kiroku/core';
import { type Backoff, backoffMs } from '../backoff/backoff.ts';
import { pause } from '../backoff/pause.ts';
import type { FollowerState, FollowerStatus } from '../follow-log/follower-status.ts';
import type { LogSlice, SharedLog } from '../follow-log/shared-log.ts';
import { type FoldBatch, presentEvents, type RefusedRow, refusedRow } from './fold-batch.ts';

/** How far one partition of a build is, as the process sees it that follows it. */
export interface PartitionStatus extends FollowerStatus {
  readonly version: number;
  readonly build: number;
  readonly partition: number;
}

export interface PartitionFollowerOptions {
  readonly eventStore: Pick<EventStore, 'head'>;
  readonly readModels: ReadModelStore;
  readonly log: SharedLog;
  readonly lease: PartitionLease & { readonly position: number };
  readonly fold: FoldBatch;
  readonly retry: Backoff;
  readonly onStatus: (status: PartitionStatus) => void;
  readonly onParked: (projection: string, parked: ParkedEvent) => void;
}

interface Batch {
  readonly events: readonly RecordedEvent[];
  readonly after: number;
  readonly position: number;
}

/** Brings one partition of a build up to date with the log, for as long as it holds the lease. Never skips: a batch that fails is tried again. */
export class PartitionFollower {
  readonly lease: PartitionLease;
  readonly #options: PartitionFollowerOptions;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  #status: PartitionStatus;
  #identity: LogIdentity | undefined;
  #failures = 0;
  #noted: string | undefined;

  /** Begins at once. */
  constructor(options: PartitionFollowerOptions) {
    const { lease } = options;
    this.#options = options;
    this.lease = lease;
    const { projection, build, partition, position } = lease;
    const since = new Date().toISOString();
    this.#status = { name: projection.name, version: projection.version, build, partition, state: 'running', position, since };
    options.onStatus(this.#status);
    this.#running = this.#run(this.#stopping.signal);
  }

  get status(): PartitionStatus {
    return this.#status;
  }

  /** Stops after the batch in hand. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    if (this.#status.state !== 'stopped') this.#become('stopped');
  }

  async #run(signal: AbortSignal): Promise<void> {
    let from: number | undefined = this.#status.position;
    while (!signal.aborted) {
      try {
        await this.#follow(await this.#resume(from), signal);
      } catch (error) {
        if (isKirokuError(error, 'LeaseLost')) return this.#become('stopped');
        // a conflict: a crash of the database took the last batches back, or a retried batch was applied after all
        if (!isKirokuError(error, 'CheckpointConflict')) await this.#stall(error, signal);
      }
      from = undefined;
      await pause(this.#failures === 0 ? 20 : backoffMs(this.#failures, this.#options.retry), signal);
    }
  }

  async #follow(checkpoint: number, signal: AbortSignal): Promise<void> {
    let after = checkpoint;
    for (;;) {
      const slice = await this.#options.log.next(after, signal);
      if (slice === undefined) return;
      const { events, position, fault } = presentOf(this.lease.projection, slice);
      if (position > after) {
        await this.#apply({ events, after, position });
        after = position;
        await this.#advanced(after);
      }
      if (fault !== undefined) throw fault;
    }
  }

  /** Where to go on from. A checkpoint beyond the log's head was made with events that are gone. */
  async #resume(known: number | undefined): Promise<number> {
    const { eventStore, readModels } = this.#options;
    const { projection, build, partition } = this.lease;
    const stored = known ?? (await readModels.checkpoints(projection, build)).find((each) => each.partition === partition)?.position;
    if (stored === undefined) throw new KirokuError('LeaseLost', `Build ${build} of ${projection.name} is not there any more.`);
    const { position: head, log } = await eventStore.head();
    this.#identity = log;
    if (stored > head) throw ahead(projection.name, stored, head);
    if (stored === head) await this.#advanced(stored);
    else this.#status = { ...this.#status, position: stored };
    return stored;
  }

  async #apply(batch: Batch, refused: readonly RefusedRow[] = []): Promise<void> {
    const { readModels, fold, onParked } = this.#options;
    const { lease } = this;
    const { events, after, position } = batch;
    const log = this.#identity ?? (await this.#options.eventStore.head()).log;
    const { projection } = lease;
    const folding = fold(events, { ...lease, refused });
    let parked: readonly ParkedEvent[] = [];
    const noted: typeof folding.fold = (stored) => {
      const made = folding.fold(stored);
      parked = made.parks;
      return made;
    };
    try {
      const run = projection.kind === 'sql' && events.length > 0 && { run: (sql: SqlRunner) => projection.apply(sql, events) };
      await readModels.apply({ lease, after, position, log, events, touched: folding.touched, fold: noted, ...run });
      for (const each of parked) if (each.fault !== undefined) onParked(projection.name, each);
    } catch (error) {
      const row = refusedRow(error);
      if (row === undefined) throw error;
      await this.#applyWithout(row, batch, refused);
    }
  }

  /** Parks the event that makes a row which the database refuses; several may have changed the row, so the batch is cut until it is one. */
  async #applyWithout(row: RefusedRow, batch: Batch, refused: readonly RefusedRow[]): Promise<void> {
    const { events, after, position } = batch;
    const changing = events.filter((event) => touches(this.lease, event, row));
    const middle = changing[Math.floor(changing.length / 2)];
    if (changing.length < 2 || middle === undefined) return this.#apply(batch, [...refused, row]);
    const cut = middle.position - 1;
    await this.#apply({ events: events.filter((event) => event.position <= cut), after, position: cut });
    await this.#apply({ events: events.filter((event) => event.position > cut), after: cut, position });
  }

  async #stall(error: unknown, signal: AbortSignal): Promise<void> {
    this.#failures++;
    const reason = error instanceof Error ? error : new Error(String(error));
    this.#become('stalled', reason);
    if (!signal.aborted) await this.#note(reason.message);
  }

  async #advanced(position: number): Promise<void> {
    this.#failures = 0;
    this.#status = { ...this.#status, position };
    if (this.#status.state !== 'stalled') return;
    this.#become('running');
    await this.#note(undefined);
  }

  /** For everybody to see. Where it cannot be noted, the checkpoint shows that it does not move. */
  async #note(reason: string | undefined): Promise<void> {
    if (reason === this.#noted) return;
    this.#noted = reason;
    await this.#options.readModels.stall(this.lease, reason).catch(() => {
      this.#noted = undefined;
    });
  }

  #become(state: FollowerState, error?: Error): void {
    const { error: _, ...status } = this.#status;
    const since = state === status.state ? status.since : new Date().toISOString();
    this.#status = { ...status, state, since, ...(error && { error }) };
    this.#options.onStatus(this.#status);
  }
}

const present = new WeakMap<readonly RecordedEvent[], Map<Projection, readonly RecordedEvent[]>>();

/** What there is of a slice for a projection, up to an event that this code cannot read. */
interface PresentSlice {
  readonly events: readonly RecordedEvent[];
  readonly position: number;
  /** Why it ends before the slice does. */
  readonly fault?: Error;
}

/** Events are brought to their present version once, however many partitions and builds follow. */
function presentOf(projection: Projection, { events, position }: LogSlice): PresentSlice {
  const known = present.get(events)?.get(projection);
  if (known !== undefined) return { events: known, position };
  try {
    const made = presentEvents(projection, events);
    const byProjection = present.get(events) ?? new Map();
    present.set(events, byProjection.set(projection, made));
    return { events: made, position };
  } catch {
    return presentUpToFault(projection, events); // not kept: the next try may succeed
  }
}

function presentUpToFault(projection: Projection, events: readonly RecordedEvent[]): PresentSlice {
  const read: RecordedEvent[] = [];
  for (const event of events) {
    try {
      read.push(...presentEvents(projection, [event]));
    } catch (error) {
      return { events: read, position: event.position - 1, fault: unreadable(event, error) };
    }
  }
  return { events: read, position: events.at(-1)?.position ?? 0 };
}

/** Ours say which event it is. */
function unreadable({ position, type }: RecordedEvent, error: unknown): Error {
  if (isKirokuError(error)) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new Error(`Event ${position} (${type}) cannot be brought to its present version: ${why}`, { cause: error });
}

function touches({ projection }: PartitionLease, event: RecordedEvent, row: RefusedRow): boolean {
  const table = projection.tables[row.table];
  try {
    return table?.keys(event).some((key) => rowKeyText(table, key) === row.keyText) ?? false;
  } catch {
    return false; // its keys could not be told: it was parked
  }
}

function ahead(name: string, checkpoint: number, head: number): KirokuError {
  return new KirokuError(
    'LogMismatch',
    `${name} is at position ${checkpoint}, but the log ends at ${head}: it was built with events that this log does not have. \`kiroku doctor\` says what can be done.`,
    { details: { checkpoint, head } },
  );
}
