import type { AppendTicket, CheckedAppend, CheckedEvent, ConsistencyCondition, EventQueryItem } from '@kiroku/core';
import type { PreparedAppend } from './prepared-append.ts';

/** Bounds of a batch: they keep the time the append lock is held short. One append that is larger goes alone. */
export const batchLimits = { appends: 1_000, events: 5_000, characters: 4_194_304, overlaps: 4_096 } as const;

/** A condition of one append matches an event of an earlier one in the batch, or it follows that. Ordinals from 1. */
export interface Overlap {
  readonly append: number;
  readonly event: number;
  /** The event may not stand after this position; `mustBeThere`: it must stand. */
  readonly after: number;
}
const mustBeThere = -1;

interface BatchEvent {
  readonly append: number;
  readonly ordinal: number;
  readonly event: CheckedEvent;
}

/**
 * Collects appends that can be sent together. The database judges them in order, and knows from `overlaps` which conditions look at events
 * of the same batch. An append whose command id or own event ids are in the batch already has to wait for the next, to see what became of them.
 */
export class Batch {
  readonly appends: PreparedAppend[] = [];
  readonly overlaps: Overlap[] = [];
  readonly #events: BatchEvent[] = [];
  readonly #byTag = new Map<string, BatchEvent[]>();
  readonly #byType = new Map<string, BatchEvent[]>();
  readonly #ids = new Set<string>();
  /** The first event of each append that others may follow. */
  readonly #followed = new Map<AppendTicket, number>();
  #characters = 0;

  /** Adds the append, or returns false: then it belongs into the next batch. An empty batch takes anything. */
  tryAdd(append: PreparedAppend): boolean {
    const ids = ownIds(append);
    const overlaps = [...append.conditions.flatMap((condition) => this.#overlapsOf(condition)), ...this.#followedBy(append)];
    if (this.appends.length > 0 && !this.#hasRoomFor(append, ids, overlaps)) return false;
    this.appends.push(append);
    this.overlaps.push(...overlaps);
    this.#characters += append.characters;
    for (const id of ids) this.#ids.add(id);
    if (append.ticket !== undefined && append.eventCount > 0) this.#followed.set(append.ticket, this.#events.length + 1);
    for (const { events } of append.streams) for (const event of events) this.#index(event);
    return true;
  }

  /** Whether an append is in it that others may follow. */
  has(ticket: AppendTicket): boolean {
    return this.#followed.has(ticket);
  }

  #followedBy({ follows }: CheckedAppend): Overlap[] {
    const events = follows.flatMap((ticket) => this.#followed.get(ticket) ?? []);
    return events.map((event) => ({ append: this.appends.length + 1, event, after: mustBeThere }));
  }

  #hasRoomFor(append: CheckedAppend, ids: readonly string[], overlaps: readonly Overlap[]): boolean {
    return (
      this.appends.length < batchLimits.appends &&
      this.#events.length + append.eventCount <= batchLimits.events &&
      this.#characters + append.characters <= batchLimits.characters &&
      this.overlaps.length + overlaps.length <= batchLimits.overlaps &&
      !ids.some((id) => this.#ids.has(id))
    );
  }

  #overlapsOf({ query, after }: ConsistencyCondition): Overlap[] {
    const lastOfAppend = new Map<number, Overlap>();
    for (const item of query) {
      for (const { append, ordinal, event } of this.#candidates(item)) {
        if (!satisfies(item, event) || (lastOfAppend.get(append)?.event ?? 0) > ordinal) continue;
        lastOfAppend.set(append, { append: this.appends.length + 1, event: ordinal, after });
      }
    }
    return [...lastOfAppend.values()];
  }

  #candidates({ types, tags }: EventQueryItem): readonly BatchEvent[] {
    if (tags?.[0] !== undefined) return this.#byTag.get(tags[0]) ?? [];
    return types === undefined ? this.#events : types.flatMap((type) => this.#byType.get(type) ?? []);
  }

  #index(event: CheckedEvent): void {
    const entry = { append: this.appends.length, ordinal: this.#events.length + 1, event };
    this.#events.push(entry);
    put(this.#byType, event.type, entry);
    for (const tag of event.tags) put(this.#byTag, tag, entry);
  }
}

/** Ids the caller chose: of the command and of events. */
function ownIds({ idempotency, streams }: CheckedAppend): string[] {
  const ids = idempotency === undefined ? [] : [`command ${idempotency.commandId}`];
  for (const { events } of streams) for (const { id } of events) if (id !== undefined) ids.push(id);
  return ids;
}

function satisfies({ types, tags = [] }: EventQueryItem, event: CheckedEvent): boolean {
  return (types === undefined || types.includes(event.type)) && tags.every((tag) => event.tags.includes(tag));
}

function put(index: Map<string, BatchEvent[]>, key: string, entry: BatchEvent): void {
  const known = index.get(key);
  if (known) known.push(entry);
  else index.set(key, [entry]);
}
