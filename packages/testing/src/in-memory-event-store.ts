import {
  type AppendRequest,
  type AppendResult,
  type AppendTicket,
  type CheckedAppend,
  categoryOf,
  checkAppend,
  checkQuery,
  checkReadLog,
  checkReadStream,
  checkTime,
  type EventQuery,
  type EventStore,
  type Idempotency,
  idOf,
  KirokuError,
  type LogFilter,
  type LogHead,
  type LogPage,
  matches,
  partitionOf,
  type ReadLogOptions,
  type ReadStreamOptions,
  type RecordedEvent,
  type StreamName,
  type SubscribeOptions,
} from '@kiroku/core';
import { v7 as uuidv7 } from 'uuid';

/** An event store in memory: everything the port promises but durability. For tests. */
export class InMemoryEventStore implements EventStore, AsyncDisposable {
  readonly #log = { id: uuidv7(), timeline: 1 };
  readonly #now: () => Date;
  readonly #events: RecordedEvent[] = [];
  readonly #streams = new Map<StreamName, RecordedEvent[]>();
  readonly #byId = new Map<string, RecordedEvent>();
  readonly #commands = new Map<string, { readonly fingerprint: string; readonly result: AppendResult }>();
  readonly #appended = new WeakSet<AppendTicket>();
  readonly #waiting = new Set<() => void>();
  #stopped = false;
  #recordedAt = '';

  /** `now` gives the recorded time; default: the clock. */
  constructor(options: { readonly now?: () => Date } = {}) {
    this.#now = options.now ?? (() => new Date());
  }

  async append(request: AppendRequest): Promise<AppendResult> {
    this.#requireRunning();
    const append = checkAppend(request);
    const earlier = this.#seenCommand(append.idempotency) ?? this.#seenEvents(append);
    if (earlier !== undefined) return { ...earlier, duplicate: true };
    this.#requireExpectations(append);
    this.#store(append);
    if (append.ticket !== undefined) this.#appended.add(append.ticket);
    const result: AppendResult = {
      position: this.#events.length,
      streams: append.streams.map(({ stream }) => ({ stream, version: this.#version(stream) })),
      duplicate: false,
    };
    if (append.idempotency) this.#commands.set(append.idempotency.commandId, { fingerprint: append.idempotency.fingerprint, result });
    for (const wake of this.#waiting) wake();
    return result;
  }

  async readStream(stream: StreamName, options: ReadStreamOptions = {}): Promise<readonly RecordedEvent[]> {
    this.#requireRunning();
    checkReadStream(options);
    const { fromVersion, direction = 'forward', limit } = options;
    const events = this.#streams.get(stream) ?? [];
    const wanted =
      direction === 'forward'
        ? events.filter(({ version }) => version >= (fromVersion ?? 1))
        : events.filter(({ version }) => version <= (fromVersion ?? version)).reverse();
    return wanted.slice(0, limit);
  }

  async query(query: EventQuery): Promise<LogPage> {
    this.#requireRunning();
    checkQuery(query);
    return { events: this.#events.filter((event) => matches(query, event)), position: this.#events.length };
  }

  async readLog(options: ReadLogOptions = {}): Promise<LogPage> {
    this.#requireRunning();
    checkReadLog(options);
    const { after = 0, until = this.#events.length, filter = {}, pageSize = 1_000 } = options;
    const position = Math.max(after, Math.min(after + pageSize, until, this.#events.length));
    return { events: this.#events.slice(after, position).filter((event) => passes(filter, event)), position };
  }

  async *subscribe(options: SubscribeOptions = {}): AsyncGenerator<LogPage> {
    const { signal, ...reading } = options;
    let { after = 0 } = options;
    while (!signal?.aborted) {
      const page = await this.readLog({ ...reading, after });
      if (page.position === after) await this.#growth(after, signal);
      else if (!signal?.aborted) yield page;
      after = page.position;
    }
  }

  async head(): Promise<LogHead> {
    this.#requireRunning();
    return { position: this.#events.length, log: this.#log };
  }

  async positionAt(time: string): Promise<number> {
    this.#requireRunning();
    const until = checkTime(time);
    return this.#events.findLast(({ recordedAt }) => recordedAt <= until)?.position ?? 0;
  }

  async findCommand(idempotency: Idempotency): Promise<AppendResult | undefined> {
    this.#requireRunning();
    const found = this.#seenCommand({ ...idempotency, commandId: idempotency.commandId.toLowerCase() });
    return found && { ...found, duplicate: true };
  }

  /** Ends subscriptions, which throw `Stopping`, as every later call does. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    for (const wake of this.#waiting) wake();
  }

  #seenCommand(idempotency: Idempotency | undefined): AppendResult | undefined {
    const known = idempotency && this.#commands.get(idempotency.commandId);
    if (known !== undefined && known.fingerprint !== idempotency?.fingerprint) {
      throw reused(`Command id ${idempotency?.commandId} was used for another command.`);
    }
    return known?.result;
  }

  #seenEvents(append: CheckedAppend): AppendResult | undefined {
    const wanted = append.streams.flatMap(({ stream, events }) => events.map((event) => ({ ...event, stream })));
    const stored = wanted.map(({ id }) => (id === undefined ? undefined : this.#byId.get(id)));
    if (stored.every((event) => event === undefined)) return undefined;
    const same = wanted.every((event, index) => {
      const was = stored[index];
      const equal = was?.stream === event.stream && was.type === event.type && was.schemaVersion === event.schemaVersion;
      return equal && JSON.stringify(was.data) === event.data;
    });
    if (!same) throw reused('An event id of the append is in the log with other content.');
    const position = Math.max(...stored.map((event) => event?.position ?? 0));
    const versionThen = (stream: StreamName) => this.#events.findLast((e) => e.stream === stream && e.position <= position)?.version ?? 0;
    return { position, streams: append.streams.map(({ stream }) => ({ stream, version: versionThen(stream) })), duplicate: true };
  }

  #requireExpectations({ streams, conditions, follows }: CheckedAppend): void {
    if (!follows.every((ticket) => this.#appended.has(ticket))) {
      throw new KirokuError('Conflict', 'What the append follows was not appended. Read it again and decide anew.');
    }
    for (const { stream, expectedVersion: expected } of streams) {
      const version = this.#version(stream);
      const holds = expected === 'any' || (expected === 'exists' ? version > 0 : version === (expected === 'noStream' ? 0 : expected));
      if (holds) continue;
      throw new KirokuError('Conflict', `${stream} is at version ${version}, expected was ${expected}. Read it again and decide anew.`, {
        details: { stream, version, expected },
      });
    }
    for (const { query, after } of conditions) {
      const offending = this.#events.slice(after).find((event) => matches(query, event));
      if (offending === undefined) continue;
      throw new KirokuError('Conflict', `What was read up to position ${after} has changed since. Read it again and decide anew.`, {
        details: { after },
      });
    }
  }

  #store({ streams, eventCount }: CheckedAppend): void {
    if (eventCount === 0) return;
    const now = this.#now().toISOString().replace('Z', '000Z');
    if (now > this.#recordedAt) this.#recordedAt = now;
    for (const { stream, events } of streams) {
      for (const { id = uuidv7(), type, schemaVersion, data, metadata, tags } of events) {
        const event: RecordedEvent = {
          position: this.#events.length + 1,
          stream,
          version: this.#version(stream) + 1,
          id,
          type,
          schemaVersion,
          data: JSON.parse(data), // as storage would give it back, and no longer the caller's
          metadata: JSON.parse(metadata),
          tags,
          recordedAt: this.#recordedAt,
        };
        this.#events.push(event);
        this.#byId.set(id, event);
        const known = this.#streams.get(stream);
        if (known) known.push(event);
        else this.#streams.set(stream, [event]);
      }
    }
  }

  #version(stream: StreamName): number {
    return this.#streams.get(stream)?.length ?? 0;
  }

  #growth(after: number, signal: AbortSignal | undefined): Promise<void> {
    if (this.#events.length > after || this.#stopped || signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        this.#waiting.delete(done);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      this.#waiting.add(done);
      signal?.addEventListener('abort', done, { once: true });
    });
  }

  #requireRunning(): void {
    if (this.#stopped) throw new KirokuError('Stopping', 'The event store has been stopped and takes no more calls.');
  }
}

function passes({ types, categories, tags = [], part }: LogFilter, event: RecordedEvent): boolean {
  return (
    (types === undefined || types.includes(event.type)) &&
    (categories === undefined || categories.includes(categoryOf(event.stream))) &&
    tags.every((tag) => event.tags.includes(tag)) &&
    (part === undefined || partitionOf(idOf(event.stream), part.of) === part.index)
  );
}

function reused(what: string): KirokuError {
  return new KirokuError('IdReused', `${what} Doing it would do something else than what was asked first; use a new id.`);
}
