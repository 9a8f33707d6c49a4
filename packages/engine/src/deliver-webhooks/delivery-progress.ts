import type { ConsumerLease, ConsumerStore, MessageFailure, RecordedEvent, SettledMessages } from '@kiroku/core';
import { DeliveryWindow } from './delivery-window.ts';

export interface DeliveryProgressOptions {
  readonly lease: ConsumerLease;
  readonly store: Pick<ConsumerStore, 'advance' | 'settle'>;
  /** Where it goes on from. */
  readonly position: number;
  /** Streams of which messages are kept. */
  readonly blocked: readonly string[];
}

/** How far a delivery is: what of the events it has read is settled, and which streams have messages that are kept. */
export class DeliveryProgress {
  readonly #options: DeliveryProgressOptions;
  readonly #window: DeliveryWindow;
  /** Streams of which messages are kept, or will be: their events are not posted as they are read. */
  readonly #blocked: Set<string>;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(options: DeliveryProgressOptions) {
    this.#options = options;
    this.#window = new DeliveryWindow(options.position);
    this.#blocked = new Set(options.blocked);
  }

  /** Events that were read, and are not written as settled. */
  get open(): number {
    return this.#window.size;
  }

  /** So many of them can be written as settled; `undefined`: there is nothing to write, not even a position. */
  get writable(): number | undefined {
    return this.#window.settled()?.entries;
  }

  get isBlocked(): boolean {
    return this.#blocked.size > 0;
  }

  /** An event that was read. */
  add(event: RecordedEvent): void {
    this.#window.add(event);
  }

  /** Nothing more is of interest up to here. */
  pass(position: number): void {
    this.#window.pass(position);
  }

  delivered(position: number): void {
    this.#window.delivered(position);
  }

  /** Keeps the event if messages of its stream are kept, so that it comes after them. Says whether it did. */
  keepBehindOthers({ stream, position }: RecordedEvent): boolean {
    const isBlocked = this.#blocked.has(stream);
    if (isBlocked) this.#window.keep(position);
    return isBlocked;
  }

  /** An event has failed: it is kept, and so are those that are read and come after it. */
  block({ stream, position }: RecordedEvent, failure: MessageFailure, behind: readonly RecordedEvent[]): void {
    this.#blocked.add(stream);
    this.#window.keep(position, failure);
    for (const event of behind) this.#window.keep(event.position);
  }

  /** Writes what is settled. Returns how many messages are kept by that. Throws `LeaseLost`. */
  write(): Promise<number> {
    return this.#exclusively(async () => {
      const settled = this.#window.settled();
      if (settled === undefined) return 0;
      const { store, lease } = this.#options;
      await store.advance({ lease, position: settled.position, kept: settled.kept });
      this.#window.written(settled);
      return settled.kept.length;
    });
  }

  /** Writes what became of messages that were kept. Throws `LeaseLost`. */
  settle(messages: SettledMessages): Promise<void> {
    return this.#exclusively(async () => {
      const { store, lease } = this.#options;
      const free = await store.settle({ lease, ...messages });
      for (const stream of free) if (!this.#window.has(stream)) this.#blocked.delete(stream);
    });
  }

  /** One write at a time: what was freed by one must not be what another has just kept. */
  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#writing.then(work);
    this.#writing = result.catch(() => undefined);
    return result;
  }
}
