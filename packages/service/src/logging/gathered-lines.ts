import { type DestinationStream, pino } from 'pino';
import type { RotatedFile } from './rotated-file.ts';

const mostCharacters = 65_536;
const warn = 40; // in pino's numbers

/** Milliseconds between two writes. */
const apartMs = 100;

/**
 * Lines that come one after another go to the file together: writing each, or those of each turn of the event loop, took a tenth of a busy
 * service's time. From `warn` on a line is written at once, with those before it; others when the turn ends, or if something was written a
 * moment ago, 100 ms later; all when the process ends. A `kill -9` loses those.
 */
export class GatheredLines implements DestinationStream {
  /** Has pino say the level of each line, as `lastLevel`. */
  readonly [pino.symbols.needsMetadataGsym] = true;
  lastLevel = 0;
  readonly #file: Pick<RotatedFile, 'write'>;
  #lines: string[] = [];
  #characters = 0;
  /** Something was written a moment ago. */
  #pause: NodeJS.Timeout | undefined;

  constructor(file: Pick<RotatedFile, 'write'>) {
    this.#file = file;
    process.on('exit', () => this.flush());
  }

  write(line: string): void {
    this.#characters += line.length;
    const lines = this.#lines.push(line);
    if (this.lastLevel >= warn || this.#characters >= mostCharacters) this.flush();
    else if (lines === 1 && this.#pause === undefined) setImmediate(() => this.flush());
  }

  flush(): void {
    const lines = this.#lines;
    if (lines.length === 0) return;
    this.#lines = [];
    this.#characters = 0;
    this.#file.write(lines.join(''), lines.length);
    this.#pause ??= setTimeout(() => {
      this.#pause = undefined;
      this.flush();
    }, apartMs).unref();
  }
}
