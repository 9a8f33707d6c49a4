import { createHash } from 'node:crypto';

/** Counts and digests what passes. */
export class Measured {
  readonly #hash = createHash('sha256');
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** SHA-256, hexadecimal. Only once, after the end. */
  digest(): string {
    return this.#hash.digest('hex');
  }

  async *digested(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of content) {
      this.#hash.update(chunk);
      this.#bytes += chunk.length;
      yield chunk;
    }
  }

  async *counted(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of content) {
      this.#bytes += chunk.length;
      yield chunk;
    }
  }
}
