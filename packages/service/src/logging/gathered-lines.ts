import { type DestinationStream, pino } from 'pino';
import type { RotatedFile } from './rotated-file.ts';

const mostCharacters = 65_536;
const warn = 40; // in pino's numbers

/**
 * Lines of one turn of the event loop go to the file together: writing each took a tenth of a busy service's time. From `warn` on a line is written
 * at once, with those before it; the rest when the turn or the process ends. A `kill -9` loses those of the turn.
 */
export class GatheredLines implements DestinationStream {
  /** Has pino say the level of each line, as `lastLevel`. */
  readonly [pino.symbols.needsMetadataGsym] = true;
  lastLevel = 0;
  readonly #file: Pick<RotatedFile, 'write'>;
  #lines: string[] = [];
  #characters = 0;

  constructor(file: Pick<RotatedFile, 'write'>) {
    this.#file = file;
    process.on('exit', () => this.flush());
  }

  write(line: string): void {
    this.#characters += line.length;
    const lines = this.#lines.push(line);
    if (this.lastLevel >= warn || this.#characters >= mostCharacters) this.flush();
    else if (lines === 1) setImmediate(() => this.flush());
  }

  flush(): void {
    const lines = this.#lines;
    if (lines.length === 0) return;
    this.#lines = [];
    this.#characters = 0;
    this.#file.write(lines.join(''), lines.length);
  }
}
