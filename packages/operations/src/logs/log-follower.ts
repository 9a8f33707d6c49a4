import { type FileHandle, open, stat } from 'node:fs/promises';
import { logFile } from '../log-files/log-file.ts';
import { type LogEntry, logEntry } from './log-entry.ts';
import { filesOf, type LogPlace } from './log-source.ts';

const longestLine = 1024 * 1024;

/** What is added to the log of a service, over files that are put aside. */
export class LogFollower implements AsyncDisposable {
  readonly #service: string;
  readonly #file: string;
  #current: { readonly handle: FileHandle; readonly inode: number; position: number } | undefined;
  #place: LogPlace | undefined;
  #rest: Buffer = Buffer.alloc(0);
  #time: number | undefined;

  /** From a place on; without one from the beginning of a file that is not there yet. */
  constructor(dataDirectory: string, service: string, place: LogPlace | undefined) {
    this.#service = service;
    this.#file = logFile(dataDirectory, service);
    this.#place = place;
  }

  /** What was added since the last call. */
  async poll(): Promise<readonly LogEntry[]> {
    const entries = await this.#readOn();
    const now = await stat(this.#file).catch(() => undefined);
    if (now === undefined || now.ino === this.#current?.inode) return entries;
    entries.push(...(await this.#readOn())); // what was written before it was put aside
    for (const path of await this.#younger()) {
      await this.#change(path);
      entries.push(...(await this.#readOn()));
    }
    return entries;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#current?.handle.close();
    this.#current = undefined;
  }

  /** Files that were begun after the one that is followed. All that there are, if that is gone. */
  async #younger(): Promise<readonly string[]> {
    const followed = this.#current?.inode ?? this.#place?.inode;
    const files = await filesOf(this.#file);
    if (followed === undefined) return files.slice(-1);
    const inodes = await Promise.all(
      files.map((path) =>
        stat(path).then(
          ({ ino }) => ino,
          () => undefined,
        ),
      ),
    );
    const index = inodes.indexOf(followed);
    return files.slice(this.#current === undefined && index >= 0 ? index : index + 1);
  }

  async #change(path: string): Promise<void> {
    const handle = await open(path, 'r').catch(() => undefined);
    if (handle === undefined) return;
    const { ino: inode } = await handle.stat();
    await this.#current?.handle.close();
    this.#current = { handle, inode, position: this.#place?.inode === inode ? this.#place.position : 0 };
    this.#place = undefined;
    this.#rest = Buffer.alloc(0);
  }

  async #readOn(): Promise<LogEntry[]> {
    const current = this.#current;
    if (current === undefined) return [];
    const { size } = await current.handle.stat();
    if (size < current.position) current.position = 0; // it was emptied
    const entries: LogEntry[] = [];
    while (current.position < size) {
      const bytes = Buffer.allocUnsafe(Math.min(size - current.position, 256 * 1024));
      const { bytesRead } = await current.handle.read(bytes, 0, bytes.length, current.position);
      if (bytesRead === 0) break;
      current.position += bytesRead;
      entries.push(...this.#take(bytes.subarray(0, bytesRead)));
    }
    return entries;
  }

  #take(bytes: Buffer): readonly LogEntry[] {
    const all = Buffer.concat([this.#rest, bytes]);
    const end = all.lastIndexOf(0x0a);
    this.#rest = all.subarray(end + 1);
    if (this.#rest.length > longestLine)
      this.#rest = Buffer.concat([this.#rest.subarray(0, longestLine - 1), Buffer.from('…')]).subarray(0, longestLine);
    if (end < 0) return [];
    return all
      .subarray(0, end)
      .toString('utf8')
      .split('\n')
      .map((text) => this.#entry(text));
  }

  #entry(text: string): LogEntry {
    const entry = logEntry(this.#service, text.length > longestLine ? `${text.slice(0, longestLine)}… (cut)` : text);
    this.#time = entry.time ?? this.#time;
    return this.#time === undefined ? entry : { ...entry, time: this.#time };
  }
}
