import { type CommandAudit, isKirokuError, type UnrecordedCommand } from '@kiroku/core';
import { v7 as uuidv7 } from 'uuid';

export interface AuditBufferOptions {
  readonly audit: Pick<CommandAudit, 'record'>;
  /** Entries kept at most while they cannot be written, or come faster than they can. Default 10,000. */
  readonly capacity?: number;
  /** Milliseconds an entry waits for others before they are written. Default 500: with the writing, less than a second is lost by a kill. */
  readonly flushMs?: number;
  /** Entries written at once. Default 1,000. */
  readonly batchSize?: number;
  /** Told how many entries could not be kept. */
  readonly onLost?: (count: number) => void;
  /** Told of the first fault in a row, e.g. to log it; it is tried again. */
  readonly onFault?: (error: unknown) => void;
}

/** How often a batch is tried that is refused for no reason that passes. Ten seconds: a server that comes up refuses for odd ones, too. */
const triesOfRefused = 20;

/**
 * Keeps entries of the audit until they are written, together. Whoever adds one waits for nothing. What does not fit any more is counted, and an entry
 * in its place says how many there were.
 */
export class AuditBuffer implements AsyncDisposable {
  readonly #options: AuditBufferOptions;
  #waiting: UnrecordedCommand[] = [];
  #lost = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #stopping = false;
  /** Failures in a row. */
  #failures = 0;

  constructor(options: AuditBufferOptions) {
    this.#options = options;
  }

  /** Entries that are not written yet. */
  get waiting(): number {
    return this.#waiting.length;
  }

  add(entry: UnrecordedCommand): void {
    if (this.#waiting.length >= (this.#options.capacity ?? 10_000)) this.#lose(1);
    else this.#waiting.push(entry);
    this.#writeLater();
  }

  /** Writes what is waiting, unless that fails. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    await this.#writing;
    await this.#write();
    const left = this.#waiting.filter(({ outcome }) => outcome !== 'lost').length;
    if (left > 0) this.#options.onLost?.(left);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #writeLater(): void {
    if (this.#stopping || this.#writing !== undefined || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#writing = this.#write().finally(() => {
        this.#writing = undefined;
        if (this.#waiting.length > 0 || this.#lost > 0) this.#writeLater();
      });
    }, this.#options.flushMs ?? 500);
    this.#timer.unref();
  }

  /** Batch by batch, until all is written or one is not. */
  async #write(): Promise<void> {
    const { audit, batchSize = 1_000 } = this.#options;
    while (this.#waiting.length > 0 || this.#lost > 0) {
      const batch = this.#nextBatch(batchSize);
      try {
        await audit.record(batch);
      } catch (error) {
        await this.#failed(batch, error);
        return;
      }
      this.#failures = 0;
      this.#waiting.splice(0, batch.length);
    }
  }

  /** What was tried stays as it is: it may have been written although the answer was lost. */
  #nextBatch(size: number): readonly UnrecordedCommand[] {
    const tellsOfLost = this.#waiting.slice(0, size).some(({ outcome }) => outcome === 'lost');
    if (this.#lost > 0 && !tellsOfLost) this.#waiting.splice(size - 1, 0, this.#entryOfLost());
    return this.#waiting.slice(0, size);
  }

  async #failed(batch: readonly UnrecordedCommand[], error: unknown): Promise<void> {
    if (this.#failures === 0) this.#options.onFault?.(error);
    this.#failures += 1;
    if (isKirokuError(error, 'Internal') && this.#failures % triesOfRefused === 0) await this.#writeOneByOne(batch);
  }

  /** The database seems to refuse something in the batch, and always to do so: only that is given up. */
  async #writeOneByOne(batch: readonly UnrecordedCommand[]): Promise<void> {
    for (const entry of batch) {
      try {
        await this.#options.audit.record([entry]);
      } catch (error) {
        if (!isKirokuError(error, 'Internal')) return; // what is left waits
        this.#giveUp(entry);
      }
      this.#waiting.shift();
    }
  }

  #giveUp({ outcome, lost = 0 }: UnrecordedCommand): void {
    if (outcome === 'lost') this.#lost += lost;
    else this.#lose(1);
  }

  #lose(count: number): void {
    this.#lost += count;
    if (count > 0) this.#options.onLost?.(count);
  }

  #entryOfLost(): UnrecordedCommand {
    const lost = this.#lost;
    this.#lost = 0;
    return { id: uuidv7(), receivedAt: new Date().toISOString(), durationMs: 0, outcome: 'lost', lost };
  }
}
