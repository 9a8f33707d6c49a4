import { closeSync, fstatSync, mkdirSync, openSync, readSync, renameSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

export interface RotatedFileOptions {
  readonly path: string;
  /** Bytes from which on the file is put aside as `path.1`, what was `path.1` as `path.2`, and so on. */
  readonly maxBytes: number;
  /** Files at most, with the one that is written; the oldest is overwritten. From 2. */
  readonly maxFiles: number;
  /** A line that says how many lines could not be written, since when (ISO 8601) and why; it is written when that is possible again. */
  readonly describeLoss: (loss: Loss) => string;
}

export interface Loss {
  readonly lines: number;
  readonly since: string;
  /** Such as ENOSPC. */
  readonly reason: string;
}

const retryRotationMs = 1_000;

/**
 * A file of lines that never grows beyond its size. Written synchronously, so that the last lines of a process that crashes are there. Never
 * throws: what cannot be written, as on a full disk, is counted and told in the file once it can. One process writes it at a time; what else
 * appends to it is kept. (pino-roll and rotating-file-stream are asynchronous, and end, or stop rotating, at the first error.)
 */
export class RotatedFile {
  readonly #options: RotatedFileOptions;
  #fd: number | undefined;
  #inode = 0;
  #size = 0;
  #rotateAgainAt = Number.NEGATIVE_INFINITY;
  #loss: Loss | undefined;
  /** A write ended in the middle of a line. */
  #torn = false;

  constructor(options: RotatedFileOptions) {
    this.#options = options;
  }

  /** What could not be written, while nothing can be. */
  get loss(): Loss | undefined {
    return this.#loss;
  }

  /** Appends a line, with its line feed, or several. */
  write(line: string, lines = 1): void {
    try {
      this.#fd ??= this.#open();
      if (this.#size + line.length > this.#options.maxBytes && this.#size > 0) this.#rotate();
      if (this.#loss !== undefined) this.#tellLoss(this.#loss);
      this.#append(line);
    } catch (error) {
      this.#lose(error, lines);
    }
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #tellLoss(loss: Loss): void {
    this.#append(this.#options.describeLoss(loss));
    this.#loss = undefined;
  }

  #append(line: string): void {
    const bytes = Buffer.from(this.#torn ? `\n${line}` : line);
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(this.#fd ?? this.#open(), bytes, written);
      this.#torn = false;
    } catch (error) {
      if (written > 0) this.#torn = true;
      throw error;
    } finally {
      this.#size += written;
    }
  }

  #lose(error: unknown, more: number): void {
    const { lines, since } = this.#loss ?? { lines: 0, since: new Date().toISOString() };
    this.#loss = { lines: lines + more, since, reason: reasonOf(error) };
  }

  #open(): number {
    const { path } = this.#options;
    mkdirSync(dirname(path), { recursive: true });
    const fd = openSync(path, 'a+', 0o600);
    const { ino, size } = fstatSync(fd);
    this.#torn = size > 0 && !endsLine(fd, size);
    this.#fd = fd;
    this.#inode = ino;
    this.#size = size;
    return fd;
  }

  /** If it fails, the file is written on for a while. */
  #rotate(): void {
    const now = performance.now();
    if (now < this.#rotateAgainAt) return;
    try {
      this.#putAside();
      const before = this.#fd;
      this.#open();
      if (before !== undefined) closeSync(before);
      this.#rotateAgainAt = Number.NEGATIVE_INFINITY;
    } catch {
      this.#rotateAgainAt = now + retryRotationMs;
    }
  }

  #putAside(): void {
    const { path, maxFiles } = this.#options;
    if (inodeOf(path) !== this.#inode) return; // done before, when no new file could be opened, or by others
    for (let number = maxFiles - 1; number > 1; number -= 1) renameIfThere(`${path}.${number - 1}`, `${path}.${number}`);
    renameSync(path, `${path}.1`);
  }
}

/** A process that was killed, or found no room, may have left half a line. */
function endsLine(fd: number, size: number): boolean {
  const last = Buffer.alloc(1);
  readSync(fd, last, 0, 1, size - 1);
  return last[0] === 0x0a;
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}

function renameIfThere(from: string, to: string): void {
  if (inodeOf(from) !== undefined) renameSync(from, to);
}

function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : String(error);
}
