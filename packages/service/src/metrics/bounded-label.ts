/** Values of a label that code chooses, but that nobody has listed: after so many different ones, the others are told apart no more. */
export class BoundedLabel {
  readonly #known = new Set<string>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  /** The value itself, or `other`. */
  of(value: string): string {
    if (this.#known.has(value)) return value;
    if (this.#known.size >= this.#most || value.length > 100) return 'other';
    this.#known.add(value);
    return value;
  }
}
