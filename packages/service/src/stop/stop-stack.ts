import type { Logger } from '../logging/create-logger.ts';

/** What a process has opened, closed in reverse order; one that fails to close does not keep the others open. */
export class StopStack {
  readonly #logger: Pick<Logger, 'error' | 'debug'>;
  readonly #entries: { readonly name: string; readonly close: () => Promise<unknown> | unknown }[] = [];

  constructor(logger: Pick<Logger, 'error' | 'debug'>) {
    this.#logger = logger;
  }

  push(name: string, close: () => Promise<unknown> | unknown): void {
    this.#entries.push({ name, close });
  }

  async close(): Promise<void> {
    for (let entry = this.#entries.pop(); entry !== undefined; entry = this.#entries.pop()) {
      try {
        await entry.close();
        this.#logger.debug({ part: entry.name }, 'closed');
      } catch (error) {
        this.#logger.error({ err: error, part: entry.name }, 'could not close');
      }
    }
  }
}
