import { once } from 'node:events';
import type { ClientBase, Connection, Submittable } from 'pg';

/** What pg's connection has beyond its declared type. */
interface CopyConnection extends Connection {
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
  sendCopyFail(message: string): void;
}

/** Runs a `copy … from stdin` with what `chunks` gives. A fault of theirs ends the copy, and is thrown. */
export function copyIn(client: ClientBase, text: string, chunks: AsyncIterable<string>): Promise<void> {
  return new Promise((resolve, reject) => client.query(new CopyIn(text, chunks, resolve, reject)));
}

/** What pg calls while the statement runs. */
class CopyIn implements Submittable {
  readonly #text: string;
  readonly #chunks: AsyncIterable<string>;
  readonly #resolve: () => void;
  readonly #reject: (error: unknown) => void;
  readonly #refused = new AbortController();
  #fault: { readonly error: unknown } | undefined;

  constructor(text: string, chunks: AsyncIterable<string>, resolve: () => void, reject: (error: unknown) => void) {
    this.#text = text;
    this.#chunks = chunks;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  submit(connection: Connection): void {
    connection.query(this.#text);
  }

  handleCopyInResponse(connection: Connection): void {
    void this.#send(connection as CopyConnection); // it has these methods, the types leave them out
  }

  handleCommandComplete(): void {}

  handleError(error: unknown): void {
    this.#refused.abort();
    this.#reject(this.#fault?.error ?? error);
  }

  handleReadyForQuery(): void {
    this.#resolve();
  }

  async #send(connection: CopyConnection): Promise<void> {
    const { signal } = this.#refused;
    try {
      for await (const chunk of this.#chunks) {
        if (signal.aborted) return;
        connection.sendCopyFromChunk(Buffer.from(chunk));
        if (connection.stream.writableNeedDrain) await once(connection.stream, 'drain', { signal });
      }
      if (!signal.aborted) connection.endCopyFrom();
    } catch (error) {
      if (signal.aborted) return; // the statement has failed already
      this.#fault = { error };
      connection.sendCopyFail('what was to be copied could not be read');
    }
  }
}
