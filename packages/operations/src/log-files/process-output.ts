import { appendFileSync, closeSync, fstatSync, mkdirSync, openSync, readSync, type Stats, statSync, truncateSync } from 'node:fs';
import { dirname } from 'node:path';
import { withoutPasswords } from '@kiroku/core';
import { logFile } from './log-file.ts';

const keptBytes = 64 * 1024;
const maxBytes = 10 * 1024 * 1024;
const watchMs = 30_000;

/**
 * What a service writes to its standard output and error, past its log: the stack of a crash, mostly. It is in a file of its own while the
 * process runs, and goes into the log when it has ended. Nothing of this throws: a full disk must not keep a service from running.
 */
export class ProcessOutput {
  readonly #service: string;
  readonly #log: string;
  readonly #file: string;
  #watch: NodeJS.Timeout | undefined;

  constructor({ dataDirectory, service }: { readonly dataDirectory: string; readonly service: string }) {
    this.#service = service;
    this.#log = logFile(dataDirectory, service);
    this.#file = this.#log.replace(/\.log$/, '.out');
  }

  /** Begins anew; `undefined` if nothing can be written. What a process left whose supervisor was killed goes into the log first. */
  open(): number | undefined {
    const left = statOf(this.#file);
    if (left !== undefined && left.size > 0)
      this.#collect({ level: 'error', msg: 'wrote this past its log, before this start', at: left.mtime });
    try {
      mkdirSync(dirname(this.#file), { recursive: true });
      const fd = openSync(this.#file, 'a', 0o600);
      this.#watch ??= setInterval(() => this.#bound(), watchMs).unref();
      return fd;
    } catch {
      return undefined;
    }
  }

  /** What it has written last. */
  get last(): string {
    try {
      return lastOf(this.#file);
    } catch {
      return ''; // gone, or closed to us
    }
  }

  /** The process has ended: the log says so if that was not wanted, or it had to be killed, and what it wrote last. */
  ended({ reason, wanted }: { readonly reason: string; readonly wanted: boolean }): void {
    clearInterval(this.#watch);
    this.#watch = undefined;
    const size = statOf(this.#file)?.size ?? 0;
    const inOrder = wanted && reason !== 'SIGKILL';
    if (inOrder && size === 0) return;
    this.#collect({ level: wanted ? 'warn' : 'fatal', msg: inOrder ? 'wrote this past its log' : `ended: ${reason}`, at: new Date() });
  }

  #collect({ level, msg, at }: { readonly level: string; readonly msg: string; readonly at: Date }): void {
    try {
      const output = withoutPasswords(lastOf(this.#file)).trimEnd();
      const entry = { level, time: at.toISOString(), service: this.#service, ...(output !== '' && { output }), msg };
      appendFileSync(this.#log, `${JSON.stringify(entry)}\n`, { mode: 0o600 });
      truncateSync(this.#file);
    } catch {
      // no room, or no file: it stays where it is, if anywhere
    }
  }

  #bound(): void {
    if ((statOf(this.#file)?.size ?? 0) > maxBytes) {
      this.#collect({ level: 'warn', msg: 'writes this past its log', at: new Date() });
    }
  }
}

function statOf(file: string): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined; // its directory is none, or closed to us
  }
}

/** The last part of a file; nothing if it is not there. */
function lastOf(file: string): string {
  if (statOf(file) === undefined) return '';
  const fd = openSync(file, 'r');
  try {
    const { size } = fstatSync(fd);
    const bytes = Buffer.alloc(Math.min(size, keptBytes));
    return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, size - bytes.length)).toString('utf8');
  } finally {
    closeSync(fd);
  }
}
