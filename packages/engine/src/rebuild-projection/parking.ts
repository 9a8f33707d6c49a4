import { isKirokuError, type ParkedEvent, type ParkingFault, type RecordedEvent, type RowKey } from '@kiroku/core';

interface ParkedQueue {
  readonly key: RowKey | undefined;
  readonly fault: ParkingFault;
  /** Positions and types by turns, the failed event first. */
  readonly events: (number | string)[];
}

/** The keys of one table whose events could not be folded, with these events in order. */
export class Parking {
  readonly #table: string;
  readonly #queues = new Map<string, ParkedQueue>();

  constructor(table: string) {
    this.#table = table;
  }

  /** How many keys are parked. */
  get size(): number {
    return this.#queues.size;
  }

  has(keyText: string): boolean {
    return this.#queues.has(keyText);
  }

  /** The first failure of a key. Rethrows what is no fault of the event: another try may pass. */
  park(keyText: string, key: RowKey | undefined, event: RecordedEvent, error: unknown): void {
    this.#queues.set(keyText, { key, fault: parkingFault(error), events: [event.position, event.type] });
  }

  /** An event of a parked key waits behind the one that failed. */
  queue(keyText: string, event: RecordedEvent): void {
    this.#queues.get(keyText)?.events.push(event.position, event.type);
  }

  delete(keyText: string): void {
    this.#queues.delete(keyText);
  }

  keys(): IterableIterator<string> {
    return this.#queues.keys();
  }

  /** Puts back what `events` gave. */
  restore(parked: ParkedEvent): void {
    const { keyText, key, position, eventType, fault } = parked;
    if (fault === undefined) this.#queues.get(keyText)?.events.push(position, eventType);
    else this.#queues.set(keyText, { key, fault, events: [position, eventType] });
  }

  *events(): Generator<ParkedEvent> {
    for (const [keyText, { key, fault, events }] of this.#queues) {
      for (let index = 0; index < events.length; index += 2) {
        const [position, eventType] = [Number(events[index]), String(events[index + 1])];
        yield { table: this.#table, keyText, ...(key && { key }), position, eventType, ...(index === 0 && { fault }) };
      }
    }
  }
}

/** Why an event is parked. Rethrows what is no fault of the event: another try may pass. */
export function parkingFault(error: unknown): ParkingFault {
  if (isKirokuError(error) && error.retryable) throw error;
  if (!(error instanceof Error)) return { code: 'Error', message: String(error) };
  return {
    code: isKirokuError(error) ? error.code : error.name,
    message: error.message,
    ...(error.stack !== undefined && { stack: error.stack }),
  };
}
