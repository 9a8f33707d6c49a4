const initialSlots = 1_024;

/**
 * The last version of each stream, by a 64-bit hash of its name: 12 bytes a slot, two to four slots a stream. Whoever finds something amiss
 * has to ask the log itself, since two names may have the same hash.
 */
export class StreamVersions {
  readonly #capacity: number;
  #count = 0;
  #mask = initialSlots - 1;
  #slots = new Int32Array(3 * initialSlots);

  /** Holds `capacity` streams at most. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get full(): boolean {
    return this.#count >= this.#capacity;
  }

  /** 0 if the stream is not known. */
  get(high: number, low: number): number {
    return this.#slots[this.#find(high, low) + 2] ?? 0;
  }

  set(high: number, low: number, version: number): void {
    const slot = this.#find(high, low);
    if (this.#slots[slot + 2] === 0) this.#count += 1;
    this.#put(slot, high, low, version);
    if (2 * this.#count > this.#mask) this.#grow();
  }

  clear(): void {
    this.#count = 0;
    this.#mask = initialSlots - 1;
    this.#slots = new Int32Array(3 * initialSlots);
  }

  #find(high: number, low: number): number {
    const slots = this.#slots;
    for (let index = (low ^ high) & this.#mask; ; index = (index + 1) & this.#mask) {
      const slot = 3 * index;
      if (slots[slot + 2] === 0 || (slots[slot] === high && slots[slot + 1] === low)) return slot;
    }
  }

  #put(slot: number, high: number, low: number, version: number): void {
    this.#slots[slot] = high;
    this.#slots[slot + 1] = low;
    this.#slots[slot + 2] = version;
  }

  #grow(): void {
    const old = this.#slots;
    this.#mask = 2 * this.#mask + 1;
    this.#slots = new Int32Array(3 * (this.#mask + 1));
    for (let slot = 0; slot < old.length; slot += 3) {
      const [high = 0, low = 0, version = 0] = old.subarray(slot, slot + 3);
      if (version !== 0) this.#put(this.#find(high, low), high, low, version);
    }
  }
}
