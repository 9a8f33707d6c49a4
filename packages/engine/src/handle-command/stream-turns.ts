import type { StreamName } from '@kiroku/core';

/**
 * Commands on a stream take turns, in the order they came: decided at the same time, all but one would have to be decided again. For those of
 * this process; what others append is seen by the expected version.
 */
export class StreamTurns {
  readonly #last = new Map<StreamName, Promise<void>>();

  /** Runs when those before it on the stream have passed their turn on, or ended, however they did. */
  async take<T>(stream: StreamName, run: (passOn: () => void) => Promise<T>): Promise<T> {
    const before = this.#last.get(stream);
    let end: () => void = () => undefined;
    const turn = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.#last.set(stream, turn);
    const passOn = (): void => {
      if (this.#last.get(stream) === turn) this.#last.delete(stream);
      end();
    };
    await before;
    try {
      return await run(passOn);
    } finally {
      passOn();
    }
  }
}
