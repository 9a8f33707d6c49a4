import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { logFile } from '../log-files/log-file.ts';
import { blocksBackward, blocksForward, linesBackwardOf, linesOf } from './lines.ts';
import { type LogEntry, logEntry } from './log-entry.ts';
import { everything, type Wanted } from './log-filter.ts';
import { nextOf, type WantedBytes } from './next-wanted.ts';

/** A place in a file. */
export interface LogPlace {
  readonly inode: number;
  /** Byte. */
  readonly position: number;
}

interface ReadOptions {
  /** Milliseconds since 1970. Default: all files. */
  readonly since?: number;
  /** Default: all lines. */
  readonly wanted?: Wanted;
}

interface OpenFile {
  readonly handle: FileHandle;
  readonly inode: number;
  /** Bytes of it that are read: what is there when it is opened. */
  readonly size: number;
  readonly changedAt: number;
}

/** The log of a service as it stood when it was opened: files that are put aside meanwhile are read all the same. */
export class LogSource implements AsyncDisposable {
  readonly service: string;
  /** Oldest first. */
  readonly #files: readonly OpenFile[];

  private constructor(service: string, files: readonly OpenFile[]) {
    this.service = service;
    this.#files = files;
  }

  /** `wholeLines`: the last line is left out while it has no end. */
  static async open(dataDirectory: string, service: string, { wholeLines = false } = {}): Promise<LogSource> {
    const file = logFile(dataDirectory, service);
    for (let attempt = 1; ; attempt += 1) {
      const opened = (await Promise.all((await filesOf(file)).map(openIfThere))).flat();
      const newest = (await stat(file).catch(() => undefined))?.ino;
      const distinct = new Set(opened.map(({ inode }) => inode)).size === opened.length;
      if ((distinct && opened.at(-1)?.inode === newest) || attempt === 5) {
        return new LogSource(service, wholeLines ? await withoutTornLine(opened) : opened);
      }
      await closeAll(opened); // they were put aside just now
    }
  }

  /** The file that is written, and where what is read of it ends. */
  get place(): LogPlace | undefined {
    const newest = this.#files.at(-1);
    return newest && { inode: newest.inode, position: newest.size };
  }

  /** Lines of files that were written to at `since` or later, oldest first. */
  async *forward({ since = Number.NEGATIVE_INFINITY, wanted = everything }: ReadOptions = {}): AsyncGenerator<LogEntry> {
    const bytes = this.#bytes(wanted);
    let time: number | undefined;
    for (const { handle, size, changedAt } of this.#files) {
      if (changedAt < since) continue;
      let known = 0; // the time is that of the last line before this byte
      for await (const block of blocksForward(handle, 0, size)) {
        for (const { text, start, end } of linesOf(block, nextOf(block.bytes, bytes))) {
          const entry = logEntry(this.service, text);
          if (entry.time === undefined && known < start) time = (await lastTime(handle, known, start)) ?? time;
          time = entry.time ?? time;
          known = end;
          const placed = time === undefined ? entry : { ...entry, time };
          if (wanted.fits(placed)) yield placed;
        }
      }
      if (known < size) time = (await lastTime(handle, known, size)) ?? time;
    }
  }

  /** Likewise, newest first. */
  async *backward({ since = Number.NEGATIVE_INFINITY, wanted = everything }: ReadOptions = {}): AsyncGenerator<LogEntry> {
    const bytes = this.#bytes(wanted);
    let untimed: LogEntry[] = [];
    for (const { handle, size, changedAt } of this.#files.toReversed()) {
      if (changedAt < since) break;
      for await (const block of blocksBackward(handle, 0, size)) {
        for (const { text } of linesBackwardOf(block, nextOf(block.bytes, bytes), () => untimed.length > 0)) {
          const entry = logEntry(this.service, text);
          if (entry.time === undefined && untimed.length < mostUntimed) {
            untimed.push(entry); // it belongs to the line before it
            continue;
          }
          const { time } = entry;
          const placed = [...untimed.map((later) => (time === undefined ? later : { ...later, time })), entry];
          untimed = [];
          yield* placed.filter(wanted.fits);
        }
      }
    }
    yield* untimed.filter(wanted.fits);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await closeAll(this.#files);
  }

  /** What is known of the bytes that are looked for: what is not near them is not even made text. */
  #bytes({ sought, passesOver }: Wanted): WantedBytes {
    return { patterns: sought?.(this.service)?.map((text) => Buffer.from(text)), passesOver };
  }
}

/** The time of the last line between two bytes that has one. */
async function lastTime(handle: FileHandle, from: number, to: number): Promise<number | undefined> {
  for await (const block of blocksBackward(handle, from, to)) {
    for (const { text } of linesBackwardOf(block, undefined, () => true)) {
      const { time } = logEntry('', text);
      if (time !== undefined) return time;
    }
  }
  return undefined;
}

/** Lines in a row without a time: longer stacks than any, and not all of a log that has none. */
const mostUntimed = 10_000;

/** Has the service ever written a log there? */
export async function hasLog(dataDirectory: string, service: string): Promise<boolean> {
  return (await filesOf(logFile(dataDirectory, service))).length > 0;
}

/** A log's files, oldest first. */
export async function filesOf(file: string): Promise<readonly string[]> {
  const [directory, name] = [dirname(file), basename(file)];
  const found: readonly string[] = await readdir(directory).catch(() => []); // nothing was started here
  const numbers = found.flatMap((each) =>
    each.startsWith(`${name}.`) && /^\.[1-9][0-9]*$/.test(each.slice(name.length)) ? [Number(each.slice(name.length + 1))] : [],
  );
  const older = numbers.sort((a, b) => b - a).map((number) => `${name}.${number}`);
  return [...older, ...(found.includes(name) ? [name] : [])].map((each) => join(directory, each));
}

async function openIfThere(path: string): Promise<OpenFile[]> {
  const handle = await open(path, 'r').catch(() => undefined);
  if (handle === undefined) return [];
  const { ino, size, mtimeMs } = await handle.stat();
  return [{ handle, inode: ino, size, changedAt: mtimeMs }];
}

async function withoutTornLine(files: readonly OpenFile[]): Promise<readonly OpenFile[]> {
  const newest = files.at(-1);
  if (newest === undefined || newest.size === 0) return files;
  const lastByte = Buffer.alloc(1);
  await newest.handle.read(lastByte, 0, 1, newest.size - 1);
  if (lastByte[0] === 0x0a) return files;
  const { value: torn } = await blocksBackward(newest.handle, 0, newest.size).next();
  return [...files.slice(0, -1), { ...newest, size: torn?.start ?? 0 }];
}

async function closeAll(files: readonly OpenFile[]): Promise<void> {
  await Promise.all(files.map(({ handle }) => handle.close()));
}
