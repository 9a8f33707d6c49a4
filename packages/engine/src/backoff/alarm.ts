import { pause } from './pause.ts';

/** Wakes one who sleeps. Rung while nobody sleeps, it ends the next sleep at once: nothing that happened meanwhile is slept through. */
export class Alarm {
  #rung = new AbortController();

  /** Sleeps so many milliseconds, or until it rings. */
  async sleep(ms: number): Promise<void> {
    await pause(ms, this.#rung.signal);
    this.#rung = new AbortController();
  }

  ring(): void {
    this.#rung.abort();
  }
}
