import type { KeptMessage, MessageFailure, RecordedEvent } from '@kiroku/core';

interface Entry {
  readonly event: RecordedEvent;
  state: 'open' | 'delivered' | 'kept';
  failure?: MessageFailure;
}

/** What can be written: everything up to `position` is settled. */
export interface Settled {
  readonly position: number;
  readonly kept: readonly KeptMessage[];
  /** So many entries of the window. */
  readonly entries: number;
}

/**
 * The events that were read and are not written as settled yet, in the order of the log. The position of a consumer must not pass one that is
 * neither delivered nor kept.
 */
export class DeliveryWindow {
  #entries: Entry[] = [];
  readonly #byPosition = new Map<number, Entry>();
  #readTo: number;
  #written: number;

  constructor(position: number) {
    this.#readTo = position;
    this.#written = position;
  }

  get size(): number {
    return this.#entries.length;
  }

  /** An event that was read. */
  add(event: RecordedEvent): void {
    const entry: Entry = { event, state: 'open' };
    this.#entries.push(entry);
    this.#byPosition.set(event.position, entry);
    this.#readTo = event.position;
  }

  /** Nothing more is of interest up to here. */
  pass(position: number): void {
    this.#readTo = position;
  }

  delivered(position: number): void {
    const entry = this.#byPosition.get(position);
    if (entry !== undefined) entry.state = 'delivered';
  }

  /** It could not be delivered, or waits behind one that could not. */
  keep(position: number, failure?: MessageFailure): void {
    const entry = this.#byPosition.get(position);
    if (entry !== undefined) Object.assign(entry, { state: 'kept', ...(failure && { failure }) });
  }

  /** Is there an event of the stream that is not written yet? */
  has(stream: string): boolean {
    return this.#entries.some(({ event }) => event.stream === stream);
  }

  /** What can be written now; `undefined`: nothing new. */
  settled(): Settled | undefined {
    const firstOpen = this.#entries.findIndex(({ state }) => state === 'open');
    const entries = firstOpen < 0 ? this.#entries : this.#entries.slice(0, firstOpen);
    const open = this.#entries[firstOpen];
    const position = open === undefined ? this.#readTo : open.event.position - 1;
    if (position <= this.#written) return undefined;
    return { position, kept: entries.filter(({ state }) => state === 'kept').map(toMessage), entries: entries.length };
  }

  /** It was written. */
  written({ position, entries }: Settled): void {
    for (const { event } of this.#entries.slice(0, entries)) this.#byPosition.delete(event.position);
    this.#entries = this.#entries.slice(entries);
    this.#written = position;
  }
}

function toMessage({ event, failure }: Entry): KeptMessage {
  const { position, stream, id, type } = event;
  return { position, stream, eventId: id, eventType: type, ...(failure && { failure }) };
}
