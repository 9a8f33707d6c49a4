import { type FileHandle, mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { KirokuError } from '@kiroku/core';
import { syncDirectory } from '@kiroku/service';

interface Waiting {
  readonly line: string;
  readonly written: () => void;
  readonly failed: (error: unknown) => void;
}

/** Lines that are only ever added. What was appended when `append` returns survives kill -9 and a power cut. */
export class LedgerFile {
  readonly #handle: FileHandle;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #fault: unknown;

  private constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** Opens the file, made if it is not there, and reads it. The rest of a line that a crash cut off, which nobody was told of, is removed. */
  static async open(path: string): Promise<{ readonly file: LedgerFile; readonly lines: readonly string[] }> {
    await mkdir(dirname(path), { recursive: true });
    const handle = await open(path, 'a', 0o600);
    const content = await readFile(path);
    const whole = content.lastIndexOf(0x0a) + 1;
    if (whole < content.length) await handle.truncate(whole);
    await syncDirectory(dirname(path)); // the file's name is durable too
    return { file: new LedgerFile(handle), lines: content.toString('utf8', 0, whole).split('\n').slice(0, -1) };
  }

  /** Throws if a write failed before: what is in the file is then no longer known. */
  requireSound(): void {
    if (this.#fault === undefined) return;
    throw new KirokuError('ServiceUnavailable', 'The ledger could not be written. Look at the disk, then restart the simulator.', {
      cause: this.#fault,
    });
  }

  /** Appends a line; returns when it is durable. Lines that wait at the same time are made durable together. */
  append(line: string): Promise<void> {
    this.requireSound();
    const appended = new Promise<void>((written, failed) => this.#waiting.push({ line, written, failed }));
    this.#writing ??= this.#write();
    return appended;
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#handle.close();
  }

  async #write(): Promise<void> {
    await Promise.resolve(); // appends of the same turn come along
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0);
      try {
        if (this.#fault !== undefined) throw this.#fault;
        await this.#handle.appendFile(batch.map(({ line }) => `${line}\n`).join(''));
        await this.#handle.datasync();
        for (const { written } of batch) written();
      } catch (error) {
        this.#fault = error;
        for (const { failed } of batch) failed(error);
      }
    }
    this.#writing = undefined;
  }
}
