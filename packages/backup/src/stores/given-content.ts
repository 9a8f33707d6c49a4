/** Content on its way into a store: remembers whether it was its own fault that it ended, and how much there was. */
export class GivenContent implements AsyncIterable<Uint8Array> {
  readonly #content: AsyncIterable<Uint8Array>;
  #bytes = 0;
  #failure: { readonly error: unknown } | undefined;

  constructor(content: AsyncIterable<Uint8Array>) {
    this.#content = content;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Throws what the content threw; otherwise what the given function makes of the store's error. */
  fault(error: unknown, ofStore: (error: unknown) => Error): never {
    throw this.#failure === undefined ? ofStore(error) : this.#failure.error;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const source = this.#content[Symbol.asyncIterator]();
    try {
      for (let next = await this.#next(source); next.done !== true; next = await this.#next(source)) {
        this.#bytes += next.value.length;
        yield next.value;
      }
    } finally {
      if (this.#failure === undefined) await source.return?.();
    }
  }

  async #next(source: AsyncIterator<Uint8Array>): Promise<IteratorResult<Uint8Array>> {
    try {
      return await source.next();
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }
}
