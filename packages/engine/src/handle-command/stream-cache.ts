import type { AppendTicket, EventDefinition, NewEvent, Read, RecordedEvent, StateIdentity, StreamName } from '@kiroku/core';
import { LRUCache } from 'lru-cache';
import type { LoadedStream } from '../snapshot/load-stream.ts';

/** Which streams' states stay in memory. */
export interface StreamCacheOptions {
  /** Streams at most. Default 10,000. */
  readonly size?: number;
  /** Milliseconds after which a stream is read again, changed or not: so long may a restored log go unnoticed. Default 60,000; 0 keeps none. */
  readonly maxAgeMs?: number;
  /** The same, if it is less, for streams whose events have personal fields: so long may a forgotten person go unnoticed. Default 10,000. */
  readonly personalMaxAgeMs?: number;
  /** Told whether a stream that was asked for was there. */
  readonly onLookup?: (found: boolean) => void;
}

/** What the events of a stream amount to, for one way of looking at them. */
interface KeptState {
  readonly identity: StateIdentity;
  readonly initial: unknown;
  readonly state: unknown;
  fold(state: unknown, event: RecordedEvent): unknown;
}

/** A stream that need not be read again: its states at a version. */
interface KeptStream extends LoadedStream {
  readonly states: readonly KeptState[];
  readonly read: Reading;
  /** Of the append that led to it, which may not have been answered yet, or be refused. Absent: it was read. */
  readonly ticket?: AppendTicket;
}

interface Reading {
  /** When it was read; events that this process has added since do not make it younger. */
  readonly at: number;
  readonly version: number;
  readonly maxAgeMs: number;
  /** Events after which it is read again, so that a snapshot can be made of it. */
  readonly every: number;
}

/**
 * The states of streams that commands have looked at. What is kept may be outdated at any time: the expectations of an append say so. States,
 * not events: a stream may be long, and deciding on it again must not take longer for that.
 */
export class StreamCache {
  readonly #streams: LRUCache<StreamName, KeptStream>;
  readonly #maxAgeMs: number;
  readonly #personalMaxAgeMs: number;
  readonly #onLookup: StreamCacheOptions['onLookup'];

  constructor({ size = 10_000, maxAgeMs = 60_000, personalMaxAgeMs = 10_000, onLookup }: StreamCacheOptions = {}) {
    this.#streams = new LRUCache({ max: size });
    this.#maxAgeMs = maxAgeMs;
    this.#personalMaxAgeMs = Math.min(maxAgeMs, personalMaxAgeMs);
    this.#onLookup = onLookup;
  }

  /** The stream, if all that is asked of it is known. */
  find(stream: StreamName, reads: readonly Read<unknown>[]): KeptStream | undefined {
    const found = this.#find(stream, reads);
    this.#onLookup?.(found !== undefined);
    return found;
  }

  /** Keeps what was read, unless something later is known. Folds each way of looking at it once, whether it can be kept or not. */
  keep(stream: StreamName, reads: readonly Read<unknown>[], loaded: LoadedStream, readAt: number): LoadedStream {
    const states: KeptState[] = [];
    let every = Number.POSITIVE_INFINITY;
    let maxAgeMs = this.#maxAgeMs;
    for (const read of reads) {
      const { source, initial } = read;
      if (source.kind !== 'stream' || source.identity === undefined) return loaded;
      every = Math.min(every, source.snapshot?.every ?? every);
      if (hasPersonalFields(source.identity.events)) maxAgeMs = this.#personalMaxAgeMs;
      if (stateFor(states, read) !== undefined) continue;
      states.push({
        identity: source.identity,
        initial,
        state: frozen(loaded.valueFor(read)),
        fold: (state, event) => read.fold(state, event),
      });
    }
    const kept = keptStream(loaded.version, states, { at: readAt, version: loaded.version, maxAgeMs, every });
    if (loaded.version > 0) this.#put(stream, kept);
    return kept;
  }

  /** The events are being appended, by this ticket, after what a command had looked at. Says whether what they lead to is known. */
  advance(before: LoadedStream, events: readonly NewEvent[], ticket: AppendTicket): boolean {
    const { stream } = ticket;
    if (events.length === 0) return false;
    const version = before.version + events.length;
    if (!isKept(before) || version - before.read.version >= before.read.every) {
      this.drop(stream, before.version);
      return false;
    }
    try {
      const recorded = events.map((event, index) => asRead(event, stream, before.version + index + 1));
      const states = before.states.map((kept) => ({
        ...kept,
        state: frozen(recorded.reduce((state, event) => kept.fold(state, event), kept.state)),
      }));
      this.#put(stream, { ...keptStream(version, states, before.read), ticket });
      return true;
    } catch {
      this.#streams.delete(stream); // whoever reads it next is told what is wrong
      return false;
    }
  }

  /** What was known up to this version has turned out to be outdated, or may be. Default: whatever is known. */
  drop(stream: StreamName, version = Number.POSITIVE_INFINITY): void {
    const kept = this.#streams.peek(stream);
    if (kept !== undefined && kept.version <= version) this.#streams.delete(stream);
  }

  clear(): void {
    this.#streams.clear();
  }

  #find(stream: StreamName, reads: readonly Read<unknown>[]): KeptStream | undefined {
    const kept = this.#streams.get(stream);
    if (kept === undefined || performance.now() - kept.read.at > kept.read.maxAgeMs) return undefined;
    return reads.every((read) => stateFor(kept.states, read) !== undefined) ? kept : undefined;
  }

  #put(stream: StreamName, kept: KeptStream): void {
    const known = this.#streams.peek(stream);
    if (known === undefined || known.version < kept.version || (known.version === kept.version && known.read.at <= kept.read.at)) {
      this.#streams.set(stream, kept);
    }
  }
}

function keptStream(version: number, states: readonly KeptState[], read: Reading): KeptStream {
  return { version, states, read, valueFor: (wanted) => stateFor(states, wanted)?.state };
}

/** The append that a stream is only known to be like if it succeeds. */
export function ticketOf(loaded: LoadedStream): AppendTicket | undefined {
  return isKept(loaded) ? loaded.ticket : undefined;
}

function isKept(loaded: LoadedStream): loaded is KeptStream {
  return 'states' in loaded;
}

function stateFor(states: readonly KeptState[], { source, initial }: Read<unknown>): KeptState | undefined {
  if (source.kind !== 'stream' || source.identity === undefined) return undefined;
  const { evolve, events } = source.identity;
  return states.find((kept) => kept.identity.evolve === evolve && kept.identity.events === events && Object.is(kept.initial, initial));
}

const personal = new WeakMap<object, boolean>();

function hasPersonalFields(events: object): boolean {
  const known = personal.get(events);
  if (known !== undefined) return known;
  const definitions: readonly Partial<EventDefinition>[] = Object.values(events); // an identity does not say of what it is
  const found = definitions.some((event) => event.personal !== undefined);
  personal.set(events, found);
  return found;
}

/** As a fold would find it in the log: a fold looks at type and data, and these are what JSON makes of them. */
function asRead(event: NewEvent, stream: StreamName, version: number): RecordedEvent {
  const { type, schemaVersion = 1, data, metadata = {}, tags = [] } = event;
  return { stream, version, type, schemaVersion, data: JSON.parse(JSON.stringify(data)), metadata, tags } as unknown as RecordedEvent; // see above
}

/** Several decisions look at one state: none may change it. */
function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== Array.prototype) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}
