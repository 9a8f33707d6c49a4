/** So many at the same time, in the order they ask; none for a while if that is wanted. */
export class Slots {
  #limit: number;
  #busy = 0;
  #heldUntil = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  readonly #waiting: ((free: boolean) => void)[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  set limit(limit: number) {
    this.#limit = limit;
    this.#admit();
  }

  /** Does the work when a slot is free. Returns `undefined`, without having begun it, once the slots are closed. */
  async use<T>(work: () => Promise<T>): Promise<T | undefined> {
    const free = await new Promise<boolean>((resolve) => {
      if (this.#closed) return resolve(false);
      this.#waiting.push(resolve);
      this.#admit();
    });
    if (!free) return undefined;
    try {
      return await work();
    } finally {
      this.#busy -= 1;
      this.#admit();
    }
  }

  /** Nothing is begun for so many milliseconds. */
  hold(ms: number): void {
    this.#heldUntil = Math.max(this.#heldUntil, performance.now() + ms);
  }

  /** Nothing is begun any more. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const resolve of this.#waiting.splice(0)) resolve(false);
  }

  #admit(): void {
    const waitMs = this.#heldUntil - performance.now();
    if (waitMs > 0) {
      clearTimeout(this.#timer);
      if (!this.#closed) this.#timer = setTimeout(() => this.#admit(), waitMs);
      return;
    }
    while (this.#busy < this.#limit) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#busy += 1;
      next(true);
    }
  }
}
