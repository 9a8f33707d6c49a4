/** Reads a stream in pieces of given sizes. */
export class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #pending: Uint8Array[] = [];
  #bytes = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** So many bytes; `undefined` if the stream ends before. */
  async read(count: number): Promise<Buffer | undefined> {
    while (this.#bytes < count) if (!(await this.#fill())) return undefined;
    const [first = new Uint8Array(), ...others] = this.#pending;
    const all = others.length === 0 ? Buffer.from(first.buffer, first.byteOffset, first.length) : Buffer.concat(this.#pending);
    this.#keep(all.subarray(count));
    return all.subarray(0, count);
  }

  /** Whether nothing is left. */
  async atEnd(): Promise<boolean> {
    return this.#bytes === 0 && !(await this.#fill());
  }

  async stop(): Promise<void> {
    await this.#source.return?.();
  }

  async #fill(): Promise<boolean> {
    for (let next = await this.#source.next(); next.done !== true; next = await this.#source.next()) {
      if (next.value.length === 0) continue;
      this.#pending.push(next.value);
      this.#bytes += next.value.length;
      return true;
    }
    return false;
  }

  #keep(rest: Uint8Array): void {
    this.#pending = rest.length === 0 ? [] : [rest];
    this.#bytes = rest.length;
  }
}
