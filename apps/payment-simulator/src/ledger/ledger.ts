import { KirokuError } from '@kiroku/core';
import { v7 as uuidv7 } from 'uuid';
import { Books } from './books.ts';
import { decide, declined } from './decide.ts';
import { LedgerFile } from './ledger-file.ts';
import { type Entry, entrySchema, type Operation, type Outcome, operationsOf, type ServiceName } from './operations.ts';

/** An operation as it was settled; `outcome: 'reused'` if its key was used for another. */
export type Settled = { readonly outcome: 'settled'; readonly entry: Entry; readonly first: boolean } | { readonly outcome: 'reused' };

/** Everything that was ever decided here, by key, and durable. */
export class Ledger {
  readonly #file: LedgerFile;
  readonly #books = new Books();
  readonly #entries: Entry[] = [];
  readonly #unwritten = new Map<string, Promise<void>>();

  private constructor(file: LedgerFile) {
    this.#file = file;
  }

  /** Throws `ConfigurationInvalid` if the file is no ledger. */
  static async open(path: string): Promise<Ledger> {
    const { file, lines } = await LedgerFile.open(path);
    const ledger = new Ledger(file);
    for (const [index, line] of lines.entries()) ledger.#add(entryOf(line, `line ${index + 1} of ${path}`));
    return ledger;
  }

  /** Decides an operation, once per key, and returns when that is durable. `declineCode`: it is to be declined. */
  async settle(key: string, operation: Operation, declineCode?: string): Promise<Settled> {
    this.#file.requireSound();
    const known = this.#books.entry(key);
    if (known !== undefined) {
      await this.#unwritten.get(key);
      return sameOperation(known, operation) ? { outcome: 'settled', entry: known, first: false } : { outcome: 'reused' };
    }
    const outcome = declineCode === undefined ? decide(this.#books, key, operation, uuidv7()) : declined(declineCode);
    const entry = this.#next(key, operation, outcome);
    this.#add(entry);
    const written = this.#file.append(JSON.stringify(entry)).then(() => void this.#unwritten.delete(key));
    this.#unwritten.set(key, written);
    await written;
    return { outcome: 'settled', entry, first: true };
  }

  /** The outcome of a key at a service; `pending` while it is being written. */
  find(service: ServiceName, key: string): Outcome | { readonly outcome: 'none' | 'pending' } {
    const entry = this.#books.entry(key);
    if (entry === undefined || !operationsOf[service].some((name) => name === entry.name)) return { outcome: 'none' };
    return this.#unwritten.has(key) ? { outcome: 'pending' } : entry.outcome;
  }

  /** Entries that are durable, in their order, after a sequence number. */
  entries(after: number, limit: number): readonly Entry[] {
    const [oldestUnwritten] = this.#unwritten.keys(); // they become durable in this order
    const end = oldestUnwritten === undefined ? this.#entries.length : (this.#books.entry(oldestUnwritten)?.sequence ?? 1) - 1;
    return this.#entries.slice(after, Math.min(after + limit, end));
  }

  /** Throws if it can no longer be written. */
  requireSound(): void {
    this.#file.requireSound();
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  #next(key: string, { name, request }: Operation, outcome: Outcome): Entry {
    const entry = { sequence: this.#entries.length + 1, at: new Date().toISOString(), key, name, request, outcome };
    return entry as Entry; // `decide` answers each operation with an outcome of its own
  }

  #add(entry: Entry): void {
    this.#entries.push(entry);
    this.#books.add(entry);
  }
}

function sameOperation(entry: Entry, operation: Operation): boolean {
  return entry.name === operation.name && JSON.stringify(entry.request) === JSON.stringify(operation.request); // both as their schema orders them
}

function entryOf(line: string, where: string): Entry {
  try {
    return entrySchema.parse(JSON.parse(line));
  } catch (cause) {
    throw new KirokuError('ConfigurationInvalid', `The ledger has a damaged entry in ${where}. Move the file away to begin a new one.`, {
      cause,
    });
  }
}
