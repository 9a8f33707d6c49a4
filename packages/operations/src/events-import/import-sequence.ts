import { importRefused } from './import-refused.ts';
import type { ImportedEvent } from './parse-line.ts';

/** Sees that the events of a file come in the order of one log, and those of a stream without a gap. */
export class ImportSequence {
  readonly #versions = new Map<string, number>();
  #log: string | undefined;
  #position = 0;

  /** Throws `ImportRefused`. Tells whether it is the first of its stream in the file. */
  next({ line, exported }: ImportedEvent): 'firstOfStream' | 'continues' {
    const { log, position, stream, version } = exported;
    this.#log ??= log.id;
    if (log.id !== this.#log) throw importRefused(line, `it is from log ${log.id}, those before it are from log ${this.#log}`);
    if (position <= this.#position) {
      throw importRefused(line, `its position is ${position} and comes after ${this.#position}: it is there twice, or the order was lost`);
    }
    this.#position = position;
    const before = this.#versions.get(stream);
    if (before !== undefined && version !== before + 1) {
      throw importRefused(
        line,
        `it is version ${version} of ${stream} and comes after version ${before}: events in between are not in the file`,
      );
    }
    this.#versions.set(stream, version);
    return before === undefined ? 'firstOfStream' : 'continues';
  }
}
