import type { RecordedEvent, StreamName } from '@kiroku/core';

export interface WantedStream {
  readonly stream: StreamName;
  readonly fromVersion: number;
}

interface Waiting extends WantedStream {
  readonly resolve: (events: readonly RecordedEvent[]) => void;
  readonly reject: (error: unknown) => void;
}

/** The events of each. */
type ReadStreams = (streams: readonly WantedStream[]) => Promise<readonly (readonly RecordedEvent[])[]>;

/** Two: one is on its way while the answer to the other is taken apart. */
const mostOnTheirWay = 2;
const mostStreams = 100;

/** Reads of streams that are wanted at the same time share a statement: while some are on their way, the next are collected. A lone one does not wait. */
export class StreamReads {
  readonly #read: ReadStreams;
  #waiting: Waiting[] = [];
  #onTheirWay = 0;
  #gathering = false;

  constructor(read: ReadStreams) {
    this.#read = read;
  }

  read(stream: StreamName, fromVersion: number): Promise<readonly RecordedEvent[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ stream, fromVersion, resolve, reject });
      void this.#gather();
    });
  }

  async #gather(): Promise<void> {
    if (this.#gathering) return;
    this.#gathering = true;
    await Promise.resolve(); // what is wanted in the same turn goes together
    this.#gathering = false;
    while (this.#waiting.length > 0 && this.#onTheirWay < mostOnTheirWay) void this.#send(this.#waiting.splice(0, mostStreams));
  }

  async #send(taken: readonly Waiting[]): Promise<void> {
    this.#onTheirWay++;
    try {
      const found = await this.#read(taken);
      for (const [index, { resolve }] of taken.entries()) resolve(found[index] ?? []);
    } catch (error) {
      for (const { reject } of taken) reject(error);
    } finally {
      this.#onTheirWay--;
      void this.#gather();
    }
  }
}
