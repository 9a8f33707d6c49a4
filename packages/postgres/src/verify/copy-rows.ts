import type { ClientBase, Connection, Submittable } from 'pg';

/** One row as COPY sends it in its binary format: the number of fields (int16), and each field as its length (int32) and its bytes. */
export type OnRow = (row: Buffer) => void;

const signatureLength = 19;
const trailerLength = 2;

/** Runs a `copy … to stdout (format binary)` and calls `onRow` for each row as it comes in. The row's bytes are only valid during the call. */
export function copyRows(client: ClientBase, text: string, onRow: OnRow): Promise<void> {
  return new Promise((resolve, reject) => client.query(new CopyOut(text, onRow, resolve, reject)));
}

/** What pg calls while the statement runs. PostgreSQL sends one message per row, after a signature and before a trailer. */
class CopyOut implements Submittable {
  readonly #text: string;
  readonly #onRow: OnRow;
  readonly #resolve: () => void;
  readonly #reject: (error: unknown) => void;
  #begun = false;
  #fault: { readonly error: unknown } | undefined;

  constructor(text: string, onRow: OnRow, resolve: () => void, reject: (error: unknown) => void) {
    this.#text = text;
    this.#onRow = onRow;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  submit(connection: Connection): void {
    connection.query(this.#text);
  }

  handleCopyData({ chunk }: { readonly chunk: Buffer }): void {
    const row = this.#begun ? chunk : chunk.subarray(signatureLength);
    this.#begun = true;
    if (row.length <= trailerLength || this.#fault !== undefined) return;
    try {
      this.#onRow(row);
    } catch (error) {
      this.#fault = { error }; // what else comes has to be taken off the connection first
    }
  }

  handleCommandComplete(): void {}

  handleError(error: unknown): void {
    this.#fault = undefined;
    this.#reject(error);
  }

  handleReadyForQuery(): void {
    if (this.#fault === undefined) this.#resolve();
    else this.#reject(this.#fault.error);
  }
}
